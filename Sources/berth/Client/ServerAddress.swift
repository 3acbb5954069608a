import Foundation
import Server

/// Where a registry is: a scheme, a host and a port.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  enum Scheme: String, Sendable {
    case http, https
  }

  let scheme: Scheme
  /// The host, and the port where one was written, as the names of images and Docker's configuration have it.
  let host: String

  /// The server that a command speaks to when nobody says another.
  static let standard = Self(scheme: .http, host: "127.0.0.1:5000")

  /// The URL, without a slash at its end.
  var description: String { "\(scheme.rawValue)://\(host)" }

  private init(scheme: Scheme, host: String) {
    self.scheme = scheme
    self.host = host
  }

  /// Reads `registry.example.org`, `localhost:5000` or `https://registry.example.org`.
  ///
  /// Without a scheme it is `http` for this machine and `https` for every other.
  init(parsing text: String) throws(InvalidServerAddress) {
    var rest = text[...]
    var scheme: Scheme?
    if let mark = rest.range(of: "://") {
      guard let written = Scheme(rawValue: rest[..<mark.lowerBound].lowercased()) else {
        throw .malformed(text)
      }
      scheme = written
      rest = rest[mark.upperBound...]
    }
    // What stands before an @ may be a password, which no message repeats.
    guard !rest.contains("@") else { throw .withUser }
    if rest.hasSuffix("/") { rest.removeLast() }
    guard let end = Self.endOfName(in: rest), Self.isPort(rest[end...]) else { throw .malformed(text) }
    host = rest.lowercased()
    self.scheme = scheme ?? (Self.isLoopback(rest[..<end].lowercased()) ? .http : .https)
  }

  /// Where a host's name or address ends, which the port follows; nil for what is neither.
  private static func endOfName(in text: Substring) -> Substring.Index? {
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      let address = text[..<bracket].dropFirst()
      let isAddress =
        address.contains(":") && address.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }
      return isAddress ? text.index(after: bracket) : nil
    }
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") }
    return name.isEmpty ? nil : name.endIndex
  }

  private static func isPort(_ text: Substring) -> Bool {
    guard let colon = text.first else { return true }
    let digits = text.dropFirst()
    return colon == ":" && digits.allSatisfy(\.isNumber) && UInt16(digits).map { $0 > 0 } == true
  }

  private static func isLoopback(_ name: String) -> Bool {
    (try? ListenAddress(parsing: "\(name):0"))?.isLoopback == true
  }
}

/// Text that names no server.
struct InvalidServerAddress: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  let description: String

  static func malformed(_ text: String) -> Self {
    Self(
      description: "'\(PlainText.line(text))' is no server: write its host, such as registry.example.org or "
        + "localhost:5000, or its URL, such as https://registry.example.org")
  }

  static let withUser = Self(
    description: "a server is written without a user name: `berth login` stores one, and --token takes a token")
}
