import Foundation
import OCI

/// Where a registry is: a scheme, a host and a port.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  enum Scheme: String, Sendable {
    case http, https
  }

  let scheme: Scheme
  /// The host and port, by which the names of images and stored credentials know it, too.
  let registry: RegistryHost

  /// The host, and the port where one was written.
  var host: String { registry.description }

  /// The server that a command speaks to when nobody says another.
  static let standard = try! Self(parsing: "http://127.0.0.1:5000")

  /// The URL, without a slash at its end.
  var description: String { "\(scheme.rawValue)://\(host)" }

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
    do {
      registry = try RegistryHost(parsing: rest)
    } catch {
      throw .malformed(text)
    }
    self.scheme = scheme ?? (registry.isLoopback ? .http : .https)
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
