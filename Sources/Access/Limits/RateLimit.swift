/// How many requests an identity may make in a time that begins with its first one.
public struct RateLimit: Hashable, Sendable {
  /// How many, from 1 to 1,000,000,000.
  public let count: Int

  /// How long, from 1 second to 30 days, in whole seconds.
  public let window: Duration

  /// Takes a count from 1 to 1,000,000,000 and whole seconds from 1 to 30 days of them.
  public init(count: Int, window: Duration) throws(InvalidRateLimit) {
    guard (1...1_000_000_000).contains(count) else {
      throw InvalidRateLimit(description: "a rate limit counts from 1 to 1000000000 requests, not \(count)")
    }
    guard (.seconds(1) ... .seconds(30 * 86_400)).contains(window), window.components.attoseconds == 0 else {
      throw InvalidRateLimit(description: "the time of a rate limit is of whole seconds, from 1s to 30d")
    }
    self.count = count
    self.window = window
  }

  /// What a limit means for one request.
  public struct Outcome: Hashable, Sendable {
    /// Whether the request may go on.
    public let isAllowed: Bool

    /// The limit that was asked.
    public let limit: RateLimit

    /// How many requests more may be made before the window ends.
    public let remaining: Int

    /// How long until the window ends and the whole limit is there again; zero when no window has begun.
    public let resetAfter: Duration
  }
}

/// Why numbers are no rate limit.
public struct InvalidRateLimit: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String
}
