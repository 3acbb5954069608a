/// How often, and after which pauses, a request is made again that failed in a way that may pass.
///
/// Those are connections that break, and the statuses 408, 429, 500, 502, 503 and 504.
public struct RetryPolicy: Hashable, Sendable {
  /// How many times a request is made at most, the first one included; of a transfer, how many times in a row without
  /// one byte of progress.
  public let attempts: Int
  /// The longest pause behind the first attempt; it doubles with each further one.
  public let firstDelay: Duration
  /// The longest pause that doubling leads to.
  public let largestDelay: Duration
  /// The longest `Retry-After` that is obeyed; who asks for more gets no further request.
  public let longestRetryAfter: Duration

  /// Makes a policy.
  public init(
    attempts: Int = 6, firstDelay: Duration = .milliseconds(500), largestDelay: Duration = .seconds(30),
    longestRetryAfter: Duration = .seconds(120)
  ) {
    self.attempts = max(1, attempts)
    self.firstDelay = firstDelay
    self.largestDelay = largestDelay
    self.longestRetryAfter = longestRetryAfter
  }

  /// One attempt and no other.
  public static let once = RetryPolicy(attempts: 1)

  /// How long to wait behind an attempt that failed, or nil where no other is to be made.
  ///
  /// The pause lies between half of the longest and the longest, so that clients that failed together do not come back
  /// together; what the registry asks for is never cut short.
  ///
  /// - Parameters:
  ///   - attempt: how many were made, at least 1.
  ///   - retryAfter: what the registry asks for.
  ///   - jitter: from 0 up to 1.
  func pause(after attempt: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
    guard attempt < attempts else { return nil }
    if let retryAfter, retryAfter > longestRetryAfter { return nil }
    var longest = min(firstDelay, largestDelay)
    for _ in 1..<max(1, attempt) where longest < largestDelay { longest = min(longest * 2, largestDelay) }
    let pause = longest * (0.5 + jitter / 2)
    return max(pause, retryAfter ?? .zero)
  }
}
