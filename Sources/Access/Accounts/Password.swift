/// A password that an account may be given.
///
/// It shows its text to nobody: neither printing nor reflection reveals it.
public struct Password: Sendable {
  /// The fewest bytes of a new password.
  public static let minimumLength = 8

  /// The most bytes of any password: libcrypt takes no more.
  public static let maximumLength = 511

  let text: String

  /// Takes a password of 8 to 511 bytes of UTF-8 with no zero byte in it.
  public init(parsing text: some StringProtocol) throws(InvalidPassword) {
    let length = text.utf8.count
    guard length >= Self.minimumLength else {
      throw InvalidPassword("it is \(length) bytes long, and \(Self.minimumLength) are the least")
    }
    guard length <= Self.maximumLength else {
      throw InvalidPassword("it is \(length) bytes long, and \(Self.maximumLength) are the limit")
    }
    guard Self.canBeHashed(text) else { throw InvalidPassword("a zero byte stands in it") }
    self.text = String(text)
  }

  /// Whether a text can be the password of anybody, whatever was asked of it when it was chosen.
  static func canBeHashed(_ text: some StringProtocol) -> Bool {
    (1...maximumLength).contains(text.utf8.count) && !text.utf8.contains(0)
  }
}

extension Password: CustomStringConvertible, CustomReflectable {
  /// What stands for every password.
  public var description: String { "a password" }

  /// No children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text cannot be a password.
public struct InvalidPassword: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right; not the text.
  public let description: String

  init(_ reason: String) {
    description =
      "the password cannot be used: \(reason); a password has from \(Password.minimumLength) to "
      + "\(Password.maximumLength) bytes, such as four words in a row"
  }
}
