internal import OCI

/// Where a webhook's requests go: `http` or `https`, a host, and what the host wants behind that.
///
/// Paths and queries of such URLs hold secrets. What is printed is the origin alone.
public struct WebhookURL: Hashable, Sendable, CustomStringConvertible {
  /// The whole URL, which is for whoever may administer the webhook.
  public let text: String
  /// The name or address in lower-case letters, an IPv6 address without its brackets.
  public let host: String
  /// The scheme and the host, with the port where the URL has one.
  public let description: String

  private static let maximumLength = 2048

  /// Reads a URL (RFC 3986) that has no user, no password and no fragment.
  public init(parsing text: some StringProtocol) throws(InvalidWebhookURL) {
    guard text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
      !text.utf8.contains(where: { "\"<>\\^`{|}#".utf8.contains($0) }),
      let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
    else { throw InvalidWebhookURL() }
    let rest = text.dropFirst(scheme.utf8.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let (host, port) = try Self.parts(of: authority.lowercased())
    let tail = rest.dropFirst(authority.count)
    self.host = host.first == "[" ? String(host.dropFirst().dropLast()) : host
    description = scheme + host + (port.map { ":\($0)" } ?? "")
    self.text = description + (tail.first == "/" ? "" : "/") + tail
  }

  private static func parts(of authority: String) throws(InvalidWebhookURL) -> (host: String, port: UInt16?) {
    let end = authority.lastIndex(of: "]").map(authority.index(after:)) ?? authority.firstIndex(of: ":")
    let host = authority[..<(end ?? authority.endIndex)]
    let rest = authority[(end ?? authority.endIndex)...]
    guard isName(host) || isAddress(host) else { throw InvalidWebhookURL() }
    guard !rest.isEmpty else { return (String(host), nil) }
    guard rest.first == ":", rest.dropFirst().utf8.allSatisfy(isDigit), let port = UInt16(rest.dropFirst()), port > 0
    else { throw InvalidWebhookURL() }
    return (String(host), port)
  }

  private static func isName(_ host: Substring) -> Bool {
    (1...253).contains(host.utf8.count) && host.first != "." && host.first != "-"
      && host.utf8.allSatisfy {
        isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || ".-_".utf8.contains($0)
      }
  }

  private static func isAddress(_ host: Substring) -> Bool {
    host.first == "[" && host.last == "]" && (4...47).contains(host.utf8.count)
      && host.dropFirst().dropLast().utf8.allSatisfy {
        isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) || ":.".utf8.contains($0)
      }
  }

  private static func isDigit(_ character: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
  }
}

/// Text that is no URL for a webhook.
public struct InvalidWebhookURL: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a webhook's URL is such as https://hooks.example.org/berth: http or https, without user, password and fragment"
  }
}
