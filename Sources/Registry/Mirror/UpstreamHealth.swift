internal import OCI

/// Whether an upstream, or a target of replication, is asked, or left alone for a while because it failed.
struct UpstreamHealth: Sendable {
  /// How long it is left alone after the first failure; twice as long after each that follows.
  private static let firstRest = Duration.seconds(2)
  private static let longestRest = Duration.seconds(300)
  /// How long where it says that it was asked too much, and not for how long.
  private static let restOfLimited = Duration.seconds(60)
  /// How long at the most where it says for how long.
  private static let longestObeyed = Duration.seconds(6 * 3600)

  private var failures = 0
  private var resting: (until: Timestamp, because: UpstreamFailure)?

  /// It answered.
  mutating func answered() {
    failures = 0
    resting = nil
  }

  /// It failed. What it refuses and what it has wrong says nothing about anything else that it may be asked.
  mutating func failed(_ failure: UpstreamFailure, at now: Timestamp) {
    let own: Duration
    switch failure.kind {
    case .refused, .wrong: return answered()
    case .limited: own = Self.restOfLimited
    case .unavailable: own = min(Self.firstRest * (1 << min(failures, 10)), Self.longestRest)
    }
    failures += 1
    let rest = failure.retryAfter.map { min($0, Self.longestObeyed) } ?? own
    let until = now + rest
    if let resting, resting.until > until { return }
    resting = (until, failure)
  }

  /// Whether it has not answered since it failed.
  var isFailing: Bool { failures > 0 }

  /// Why it is left alone, or was until just now; nil where it has answered since.
  var failure: UpstreamFailure? { resting?.because }

  /// How long it is left alone yet at a moment; nil where it is not.
  func rest(at now: Timestamp) -> Duration? {
    guard let resting, now < resting.until else { return nil }
    return .milliseconds(resting.until.milliseconds - now.milliseconds)
  }

  /// Throws the failure because of which it is left alone at a moment, with how long yet.
  func requireAwake(at now: Timestamp) throws(UpstreamFailure) {
    guard let resting, let rest = rest(at: now) else { return }
    throw UpstreamFailure(resting.because.kind, resting.because.description, retryAfter: rest)
  }
}
