internal import Foundation

/// What a request shows in its field `Authorization` (RFC 9110, section 11.6.2).
public enum Credentials: Hashable, Sendable {
  /// A name and a password, or a token in its place (RFC 7617).
  case basic(user: String, password: String)
  /// A token (RFC 6750), also under the scheme `token`, which is what GitHub's clients call it.
  case bearer(String)

  /// Reads the field's value.
  ///
  /// - Throws: `InvalidCredentials` for a scheme that is not taken, and for what the scheme does not allow.
  public init(parsing field: String) throws(InvalidCredentials) {
    let scheme = field.utf8.prefix { $0 != UInt8(ascii: " ") }
    let bytes = field.utf8[scheme.endIndex...].drop { $0 == UInt8(ascii: " ") }
    guard !bytes.isEmpty, bytes.count <= 32 << 10 else {
      throw InvalidCredentials("Authorization takes Basic or Bearer, and then what it is made of")
    }
    let value = String(Substring(bytes))
    switch Substring(scheme).lowercased() {
    case "bearer", "token": self = .bearer(value)
    case "basic":
      guard let bytes = Data(base64Encoded: value), let text = String(validating: bytes, as: UTF8.self),
        let colon = text.firstIndex(of: ":"), !text.utf8.contains(0)
      else {
        throw InvalidCredentials("Authorization: Basic takes a name and a password, joined by ':', in base64")
      }
      self = .basic(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    default:
      throw InvalidCredentials("Authorization takes Basic or Bearer, not another scheme")
    }
  }
}

/// A field `Authorization` that cannot be read.
public struct InvalidCredentials: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
