internal import NIOHTTP1

/// How many pulls a registry still allows, as Docker Hub says it with each answer about a manifest.
public struct PullBudget: Hashable, Sendable {
  /// How many it still allows now.
  public let remaining: Int
  /// How many it allows in a window of time.
  public let limit: Int

  /// Reads `RateLimit-Remaining` and `RateLimit-Limit`, numbers with a window behind them such as `100;w=21600`.
  ///
  /// - Returns: nil where the registry does not say both.
  init?(_ headers: HTTPHeaders) {
    guard let remaining = Self.count(in: headers.first(name: "RateLimit-Remaining")),
      let limit = Self.count(in: headers.first(name: "RateLimit-Limit"))
    else { return nil }
    self.remaining = remaining
    self.limit = limit
  }

  private static func count(in header: String?) -> Int? {
    guard let digits = header?.prefix(while: { $0.isASCII && $0.isNumber }), !digits.isEmpty else { return nil }
    return Int(digits)
  }
}
