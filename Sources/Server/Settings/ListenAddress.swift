#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The address and port a server listens on: an IPv4 address, an IPv6 address or a host name, and a port.
public struct ListenAddress: Hashable, Sendable {
  /// The address or host name, an IPv6 address without its brackets.
  public let host: String
  /// The port; 0 lets the system choose a free one.
  public let port: Int
  /// Whether only this machine can reach the address: 127.0.0.0/8, ::1 or `localhost`.
  public let isLoopback: Bool

  private let isIPv6: Bool

  /// The address `berth serve` uses when nothing else is said, `127.0.0.1:5000`.
  public static let standard = Self(host: "127.0.0.1", port: 5000, isLoopback: true, isIPv6: false)

  private init(host: String, port: Int, isLoopback: Bool, isIPv6: Bool) {
    self.host = host
    self.port = port
    self.isLoopback = isLoopback
    self.isIPv6 = isIPv6
  }
}

extension ListenAddress: SettingValue, CustomStringConvertible {
  static var placeholder: String { "host:port" }

  /// Parses `127.0.0.1:5000`, `[::1]:5000` or `registry.example.com:5000`.
  public init(parsing text: String) throws(InvalidValue) {
    guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
      throw InvalidValue("\(quoted(text)) has no port: write host:port, such as 127.0.0.1:5000 or [::1]:5000")
    }
    let digits = text[text.index(after: colon)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
      throw InvalidValue("\(quoted(String(digits))) is not a port: write a number from 0 to 65535 after the last colon")
    }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      try self.init(ipv6: String(host.dropFirst().dropLast()), port: Int(port))
    } else if host.contains(":") {
      throw InvalidValue("\(quoted(text)) needs brackets around its IPv6 address: write [::1]:5000")
    } else {
      try self.init(ipv4OrName: String(host), port: Int(port))
    }
  }

  private init(ipv6 host: String, port: Int) throws(InvalidValue) {
    guard let bytes = Self.addressBytes(host, family: AF_INET6, count: 16) else {
      throw InvalidValue("\(quoted(host)) is not an IPv6 address: write one such as ::1 in the brackets")
    }
    // ::1, or an address of 127.0.0.0/8 mapped into IPv6.
    let isLoopback =
      bytes == Array(repeating: 0, count: 15) + [1]
      || bytes.starts(with: Array(repeating: 0, count: 10) + [0xff, 0xff, 127])
    self.init(host: host, port: port, isLoopback: isLoopback, isIPv6: true)
  }

  private init(ipv4OrName host: String, port: Int) throws(InvalidValue) {
    if let bytes = Self.addressBytes(host, family: AF_INET, count: 4) {
      self.init(host: host, port: port, isLoopback: bytes[0] == 127, isIPv6: false)
      return
    }
    guard Self.isHostName(host) else {
      throw InvalidValue(
        "\(quoted(host)) is neither an IP address nor a host name: "
          + "write 127.0.0.1:5000 for this machine only, 0.0.0.0:5000 for every IPv4 address of it")
    }
    self.init(host: host, port: port, isLoopback: host.lowercased() == "localhost", isIPv6: false)
  }

  /// The bytes of an IP address in network order, nil when the text is none of the family.
  private static func addressBytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    // A C function reads up to the first zero byte: what follows one would not be looked at.
    return !text.utf8.contains(0) && inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  /// RFC 1123 section 2.1; a last label of digits only is a mistyped IPv4 address, never a name.
  private static func isHostName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      }
      && !labels[labels.count - 1].allSatisfy(\.isNumber)
  }

  /// The form `init(parsing:)` reads, such as `[::1]:5000`.
  public var description: String {
    isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
