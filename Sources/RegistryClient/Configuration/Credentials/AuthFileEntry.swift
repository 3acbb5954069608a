internal import Foundation
internal import OCI

/// What a file of credentials holds under one key.
struct AuthFileEntry {
  /// The credential; nil for an entry that holds none.
  let credential: RegistryCredential?

  /// Reads an entry: `registrytoken` counts before `identitytoken`, that before `auth`, that before a name and a password.
  ///
  /// - Throws: `InvalidConfiguration`, which names the place and the key and repeats nothing of the entry.
  init(_ entry: JSONValue, key: String, place: String) throws(InvalidConfiguration) {
    guard case .object = entry else {
      throw InvalidConfiguration(place, "\"auths\" has \(entry.kind) for \(quoted(key)), and an object would be right")
    }
    func text(_ name: String) throws(InvalidConfiguration) -> String? {
      switch entry[name] {
      case nil, .null: return nil
      case .string(let text): return text.isEmpty ? nil : text
      case .some(let other):
        throw InvalidConfiguration(
          place, "\"\(name)\" of \(quoted(key)) is \(other.kind), and a string would be right")
      }
    }
    if let token = try text("registrytoken") {
      credential = .registryToken(token)
    } else if let token = try text("identitytoken") {
      credential = .identityToken(token)
    } else if let pair = try text("auth") {
      guard let decoded = Self.decode(pair) else {
        throw InvalidConfiguration(
          place, "\"auth\" of \(quoted(key)) is no name and password in base64: log in there again")
      }
      credential = decoded
    } else if let user = try text("username"), let password = try text("password") {
      credential = .password(user: user, password: password)
    } else {
      credential = nil
    }
  }

  /// The base64 of a name and a password, as Docker writes it.
  static func encode(user: String, password: String) -> String {
    Data("\(user):\(password)".utf8).base64EncodedString()
  }

  private static func decode(_ text: String) -> RegistryCredential? {
    guard let bytes = Data(base64Encoded: text), let pair = String(validating: bytes, as: UTF8.self),
      let colon = pair.firstIndex(of: ":"), colon > pair.startIndex
    else { return nil }
    return .password(user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
  }
}
