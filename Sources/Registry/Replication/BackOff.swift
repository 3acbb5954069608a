/// How long to wait after something failed.
public enum BackOff {
  private static let first = Duration.seconds(1)
  private static let longest = Duration.seconds(300)

  /// The pause after a failure: it doubles with each, up to 5 minutes, and lies between half of that and all of it, so
  /// that what failed together does not come back together.
  ///
  /// - Parameters:
  ///   - attempts: how often it failed before.
  ///   - jitter: from 0 up to 1.
  public static func pause(after attempts: Int, jitter: Double) -> Duration {
    min(first * (1 << min(attempts, 10)), longest) * (0.5 + jitter / 2)
  }
}
