internal import OCI

/// What is known of one issuer's keys, and when to ask for them again; no I/O and no clock of its own.
struct IssuerKeys: Sendable {
  /// How long fetched keys are used without asking again, in milliseconds.
  static let freshness: Int64 = 60 * 60 * 1000
  /// How long fetched keys are used while the issuer cannot be reached, in milliseconds.
  static let usability: Int64 = 24 * 60 * 60 * 1000
  /// How often at most keys are fetched because a token names one that is not known, in milliseconds.
  static let searchInterval: Int64 = 30 * 1000
  /// How long after a fetch that failed none is begun, in milliseconds.
  static let failurePause: Int64 = 5 * 1000

  private let issuer: IssuerURL
  private var fetched: (keys: KeySet, at: Timestamp)?
  private var failure: (reason: String, at: Timestamp)?
  private var lastSearch: Timestamp?
  private var isFetching = false

  init(of issuer: IssuerURL) {
    self.issuer = issuer
  }

  /// What to do for a token.
  enum Step: Sendable {
    case use(KeySet)
    /// Begin a fetch, wait for it, then ask `outcome`.
    case fetch
    /// Wait for the fetch that is under way, then ask `outcome`.
    case wait
    case refuse(OIDCError)
  }

  /// What to do for a token that names a key, or none.
  mutating func step(toward identifier: String?, at now: Timestamp) -> Step {
    let isFresh = Self.is(fetched?.at, within: Self.freshness, of: now)
    if isFresh, let keys = fetched?.keys, keys.holds(identifier) { return .use(keys) }
    if isFetching { return .wait }
    if isFresh {
      // Anybody can name keys that are not there.
      if Self.is(lastSearch, within: Self.searchInterval, of: now) { return outcome(for: identifier, at: now) }
      lastSearch = now
    } else if Self.is(failure?.at, within: Self.failurePause, of: now) {
      return outcome(for: identifier, at: now)
    }
    isFetching = true
    return .fetch
  }

  /// What holds for a token when no fetch is to come: keys, or the reason why there are none. Never `fetch` or `wait`.
  func outcome(for identifier: String?, at now: Timestamp) -> Step {
    guard let fetched, Self.is(fetched.at, within: Self.usability, of: now) else {
      return .refuse(unavailable(failure?.reason ?? "its keys were not fetched yet"))
    }
    if fetched.keys.holds(identifier) { return .use(fetched.keys) }
    // The key could be a new one.
    if let failure { return .refuse(unavailable(failure.reason)) }
    return .refuse(.unknownKey(identifier))
  }

  /// Takes what a fetch brought.
  mutating func didFetch(_ keys: KeySet, at now: Timestamp) {
    isFetching = false
    fetched = (keys, now)
    failure = nil
  }

  /// Takes that a fetch failed.
  ///
  /// - Returns: what the operator should hear.
  mutating func didFail(_ reason: String, at now: Timestamp) -> OIDCNotice {
    isFetching = false
    failure = (reason, now)
    guard let fetched, Self.is(fetched.at, within: Self.usability, of: now) else {
      return .hasNoKeys(issuer: issuer.text, reason: reason)
    }
    let age = (now.milliseconds - fetched.at.milliseconds) / 1000
    return .usesEarlierKeys(issuer: issuer.text, ageInSeconds: age, reason: reason)
  }

  private func unavailable(_ reason: String) -> OIDCError {
    OIDCError(.issuerUnavailable, "the keys of \(issuer) cannot be had: \(reason)")
  }

  /// Whether less than an interval passed since a moment; one that lies in the future says that the clock was set back.
  private static func `is`(_ moment: Timestamp?, within interval: Int64, of now: Timestamp) -> Bool {
    guard let moment else { return false }
    return (0..<interval).contains(now.milliseconds - moment.milliseconds)
  }
}
