import Access
import HTTPTypes
import OCI

/// How much each account, and each address that is not logged in, may ask for.
struct RequestLimits: Sendable {
  private enum Key: Hashable, Sendable {
    case account(String)
    case network(ClientNetwork)

    init(_ caller: Caller) {
      switch caller.identity.subject {
      case .everyone, .anonymous: self = .network(caller.address.network)
      case .user, .robot, .workflow: self = .account(caller.identity.name)
      }
    }

    /// As Docker Hub names it in `docker-ratelimit-source`.
    var source: String {
      switch self {
      case .account(let name): name
      case .network(let network): network.description
      }
    }
  }

  private let requests: RateLimiter<Key>?
  private let pulls: RateLimiter<Key>?
  private let anonymousPulls: RateLimiter<Key>?

  init(_ settings: Settings) {
    requests = settings.rateLimitRequests.map { RateLimiter(limit: $0) }
    pulls = settings.rateLimitPulls.map { RateLimiter(limit: $0) }
    anonymousPulls = settings.rateLimitAnonymousPulls.map { RateLimiter(limit: $0) }
  }

  /// Counts a request.
  ///
  /// - Throws: 429 where there were too many.
  func countRequest(of caller: Caller) throws(RegistryError) {
    guard let outcome = requests?.take(Key(caller), now: .now), !outcome.isAllowed else { return }
    throw Self.tooMany("requests", outcome)
  }

  /// Counts a request for a manifest as a pull, where it is a `GET`, and says how many are left.
  ///
  /// - Returns: the fields that Docker Hub answers with.
  /// - Throws: 429 where there were too many.
  func countPull(of caller: Caller, _ method: HTTPRequest.Method) throws(RegistryError) -> HTTPFields {
    let key = Key(caller)
    let limiter = if case .network = key { anonymousPulls } else { pulls }
    guard let limiter else { return [:] }
    let outcome = method == .get ? limiter.take(key, now: .now) : limiter.peek(key, now: .now)
    guard outcome.isAllowed || method != .get else { throw Self.tooMany("pulls", outcome) }
    let window = "w=\(outcome.limit.window.components.seconds)"
    return [
      .rateLimitLimit: "\(outcome.limit.count);\(window)",
      .rateLimitRemaining: "\(outcome.remaining);\(window)",
      .dockerRateLimitSource: key.source,
    ]
  }

  private static func tooMany(_ what: String, _ outcome: RateLimit.Outcome) -> RegistryError {
    let wait = max(1, outcome.resetAfter.components.seconds + 1)
    return RegistryError(
      .tooManyRequests,
      "there were \(outcome.limit.count) \(what) in \(outcome.limit.window.settingText), which is the limit: "
        + "go on in \(wait) s",
      detail: ["retryAfter": String(wait), "limit": String(outcome.limit.count)])
  }
}

extension HTTPField.Name {
  fileprivate static let rateLimitLimit = Self("ratelimit-limit")!
  fileprivate static let rateLimitRemaining = Self("ratelimit-remaining")!
  fileprivate static let dockerRateLimitSource = Self("docker-ratelimit-source")!
}
