import Access

/// The authority of a URL without user information: a host, and a port where it is not the scheme's own (RFC 3986,
/// section 3.2).
public struct HostAndPort: Hashable, Sendable {
  /// A name in lower case, an IPv4 address, or an IPv6 address in brackets.
  public let host: String
  /// Nil for the scheme's own.
  public let port: Int?

  /// Takes both apart; nil for text that is no host, or whose port is no number from 1 to 65535.
  public init?(parsing text: some StringProtocol) {
    let end = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
    let host = text[..<(end ?? text.endIndex)]
    let rest = text[(end ?? text.endIndex)...]
    guard Self.isHost(host) else { return nil }
    self.host = host.lowercased()
    guard !rest.isEmpty else {
      port = nil
      return
    }
    let digits = rest.dropFirst()
    guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let port = UInt16(digits), port > 0
    else { return nil }
    self.port = Int(port)
  }

  init(host: String, port: Int?) {
    self.host = host
    self.port = port
  }

  private static func isHost(_ text: some StringProtocol) -> Bool {
    if text.hasPrefix("["), text.hasSuffix("]") {
      return text.utf8.contains(UInt8(ascii: ":")) && ClientAddress(parsing: text.dropFirst().dropLast()) != nil
    }
    // Names in a private network may have underscores, whatever RFC 1123 says.
    return (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

extension HostAndPort: CustomStringConvertible {
  /// The form that stands in a URL, such as `registry.example.com` or `[::1]:5000`.
  public var description: String {
    port.map { "\(host):\($0)" } ?? host
  }
}
