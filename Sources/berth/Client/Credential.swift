import Foundation

/// What shows a server who calls.
///
/// Neither printing nor reflection shows it.
struct Credential: Sendable, CustomStringConvertible, CustomReflectable {
  /// The value of the `Authorization` field (RFC 9110, section 11.6.2).
  let authorization: String
  /// Where it came from, as messages say it; nil where it was given just now.
  let origin: String?

  /// Takes a token (RFC 6750, section 2.1).
  init(token: String, origin: String) throws(InvalidCredential) {
    guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw InvalidCredential(
        description: "\(origin) holds a space, a line break or another character that no token has")
    }
    authorization = "Bearer \(token)"
    self.origin = origin
  }

  /// Takes a name and a password (RFC 7617, section 2).
  init(user: String, password: String, origin: String?) {
    authorization = "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
    self.origin = origin
  }

  /// Where it came from.
  var description: String { origin ?? "the credential that was given" }

  /// No children.
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// Text that is no credential.
struct InvalidCredential: Error, Hashable, CustomStringConvertible {
  /// What was wrong; not the text.
  let description: String
}
