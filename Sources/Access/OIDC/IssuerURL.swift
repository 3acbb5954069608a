internal import OCI

/// Where an issuer or one of its documents is: an https address, or an http one on this machine.
///
/// It is kept as it was written, because an issuer's name is compared byte by byte (OpenID Connect Discovery, section 4.3).
struct IssuerURL: Hashable, Sendable, CustomStringConvertible {
  let text: String
  /// Whether it is http, which only this machine's own addresses may be.
  let isPlain: Bool

  /// Reads a URL of the characters that RFC 3986 lets stand in one, without user, password and fragment.
  init(parsing text: String) throws(InvalidIssuerURL) {
    let rest: Substring
    if text.hasPrefix("https://") {
      isPlain = false
      rest = text.dropFirst("https://".count)
    } else if text.hasPrefix("http://") {
      isPlain = true
      rest = text.dropFirst("http://".count)
    } else {
      throw InvalidIssuerURL(text, "it does not begin with https://")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard let host = Self.host(in: authority) else {
      throw InvalidIssuerURL(text, "after the // there should be a host, or a host and a port")
    }
    guard !isPlain || ["localhost", "127.0.0.1", "[::1]"].contains(host) else {
      throw InvalidIssuerURL(
        text, "only an issuer on this machine (127.0.0.1, [::1], localhost) may be reached by http")
    }
    guard rest.utf8.dropFirst(authority.utf8.count).allSatisfy(Self.isPathOrQuery) else {
      throw InvalidIssuerURL(text, "a character stands in it that must not stand in a URL's path or query")
    }
    self.text = text
  }

  var description: String { text }

  var hasQuery: Bool { text.contains("?") }

  /// Where an issuer's configuration is (OpenID Connect Discovery, section 4).
  var configuration: String {
    (text.hasSuffix("/") ? String(text.dropLast()) : text) + "/.well-known/openid-configuration"
  }

  /// The host of an authority, lower-case or not as it was written; nil where it is not a host with or without a port.
  private static func host(in authority: Substring) -> Substring? {
    let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : nil
    let host = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
    let port = authority[host.endIndex...]
    guard port.isEmpty || UInt16(port.dropFirst()).map({ $0 > 0 }) == true, !port.hasPrefix(":+") else { return nil }
    let name = end == nil ? host : host.dropFirst().dropLast()
    let isHost = end == nil ? isNameCharacter : isAddressCharacter
    return !name.isEmpty && name.utf8.allSatisfy(isHost) ? host : nil
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }

  private static func isAddressCharacter(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
  }

  private static let marks = Array("-._~!$&'()*+,;=:@/%?".utf8)

  private static func isPathOrQuery(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || marks.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// Why a text is not the URL of an issuer.
struct InvalidIssuerURL: Error, CustomStringConvertible {
  let description: String

  init(_ text: String, _ reason: String) {
    description = "\(quoted(text)) cannot be used: \(reason); right is a URL such as https://issuer.example.org"
  }
}
