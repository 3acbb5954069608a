public import Catalog

/// Brings a message to a target.
public protocol WebhookTransport: Sendable {
  /// Sends a message and waits for the answer, not for long, and not beyond where the log ends.
  ///
  /// - Throws: where no answer came.
  func send(_ message: WebhookMessage, to url: WebhookURL) async throws(WebhookFailure) -> WebhookAnswer
}

/// What a target answered.
public struct WebhookAnswer: Hashable, Sendable {
  /// The status.
  public let status: Int
  /// How the body began.
  public let beginning: String

  /// Takes both.
  public init(status: Int, beginning: String) {
    self.status = status
    self.beginning = beginning
  }
}
