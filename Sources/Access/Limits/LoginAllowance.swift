/// How many attempts an account bears from all networks together: thirty at once, and one each second.
struct LoginAllowance: Sendable {
  private static let burst = 30
  private static let interval = Duration.seconds(1)

  /// When all that was taken is paid back (the generic cell rate algorithm, ITU-T I.371, its theoretical arrival time).
  private var paidBack: ContinuousClock.Instant

  /// Starts with nothing taken.
  init(now: ContinuousClock.Instant) {
    paidBack = now
  }

  /// Zero when an attempt may begin.
  func wait(now: ContinuousClock.Instant) -> Duration {
    max(.zero, paidBack - now - Self.interval * (Self.burst - 1))
  }

  /// Counts an attempt that begins.
  mutating func take(now: ContinuousClock.Instant) {
    paidBack = max(paidBack, now) + Self.interval
  }

  /// Takes back one that did not fail.
  mutating func giveBack() {
    paidBack -= Self.interval
  }
}
