internal import OCI

/// What a webhook's requests are signed with.
///
/// The catalogue keeps it as it is, because a signature takes the secret itself. It shows nothing when printed.
public struct WebhookSecret: Hashable, Sendable {
  private let text: String

  /// Takes 16 to 256 bytes without control characters.
  public init(parsing text: some StringProtocol) throws(InvalidWebhookSecret) {
    guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw InvalidWebhookSecret()
    }
    self.text = String(text)
  }

  /// The secret itself, for the signature and for whoever it was just made for.
  public func reveal() -> String { text }
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
  /// That it is one.
  public var description: String { "a webhook's secret" }

  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Text that is no webhook's secret.
public struct InvalidWebhookSecret: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a webhook's secret has 16 to 256 bytes and no control characters, such as 32 random bytes in hexadecimal digits"
  }
}
