/// Failures in a row, and how long the next attempt has to wait for them.
struct LoginBackoff: Sendable {
  /// How many failures cost nothing, and what one costs at the most.
  struct Policy: Sendable {
    let freeFailures: Int
    let longestWait: Duration

    /// For one account, tried from one network.
    static let pair = Self(freeFailures: 5, longestWait: .seconds(30))

    /// For all that one network tries.
    static let network = Self(freeFailures: 20, longestWait: .seconds(300))
  }

  /// One attempt that was counted, with what takes it back.
  struct Counted: Sendable {
    fileprivate let moment: ContinuousClock.Instant
    fileprivate let previous: ContinuousClock.Instant
  }

  /// After this long without a failure, all are forgotten.
  static let memory = Duration.seconds(15 * 60)

  private(set) var failures = 0
  private var last: ContinuousClock.Instant

  /// Starts with no failure.
  init(now: ContinuousClock.Instant) {
    last = now
  }

  /// Whether the last failure was so long ago that a new count begins.
  func isForgotten(at now: ContinuousClock.Instant) -> Bool {
    now - last >= Self.memory
  }

  /// Zero when an attempt may begin: the first failure that is not free costs a second, each further one twice as much.
  func wait(under policy: Policy, now: ContinuousClock.Instant) -> Duration {
    let costly = failures - policy.freeFailures
    guard costly > 0 else { return .zero }
    let cost = min(.seconds(1 << min(costly - 1, 30)), policy.longestWait)
    return max(.zero, cost - (now - last))
  }

  /// Counts an attempt that begins, as if it had failed.
  mutating func count(now: ContinuousClock.Instant) -> Counted {
    let counted = Counted(moment: now, previous: last)
    failures += 1
    last = now
    return counted
  }

  /// Takes back one that did not fail, so that it prolongs no wait and keeps nothing from being forgotten.
  mutating func takeBack(_ counted: Counted) {
    failures = max(0, failures - 1)
    if last == counted.moment { last = counted.previous }
  }
}
