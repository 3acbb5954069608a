#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The IP address that a request comes from.
///
/// An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address: one client has one address,
/// whichever socket took its connection.
public struct ClientAddress: Hashable, Sendable {
  enum Value: Hashable {
    case unknown
    case ipv4(UInt32)
    case ipv6(UInt128)
  }

  let value: Value

  /// The address of a client that has none, as on a local socket.
  public static let unknown = Self(value: .unknown)

  private init(value: Value) {
    self.value = value
  }

  /// An IPv4 address as a number: 192.0.2.1 is 0xc0000201.
  public init(ipv4 number: UInt32) {
    self.init(value: .ipv4(number))
  }

  /// An IPv6 address as a number: ::1 is 1.
  public init(ipv6 number: UInt128) {
    // ::ffff:0:0/96, RFC 4291, section 2.5.5.2.
    self.init(value: number >> 32 == 0xffff ? .ipv4(UInt32(truncatingIfNeeded: number)) : .ipv6(number))
  }

  /// Parses `192.0.2.1` or `2001:db8::1`, with no brackets, no port and no zone.
  public init?(parsing text: some StringProtocol) {
    let text = String(text)
    // A C function reads up to the first zero byte: what follows one would not be looked at.
    guard !text.utf8.contains(0) else { return nil }
    if text.utf8.contains(UInt8(ascii: ":")) {
      var number: UInt128 = 0
      guard inet_pton(AF_INET6, text, &number) == 1 else { return nil }
      self.init(ipv6: UInt128(bigEndian: number))
    } else {
      var number: UInt32 = 0
      guard inet_pton(AF_INET, text, &number) == 1 else { return nil }
      self.init(ipv4: UInt32(bigEndian: number))
    }
  }

  /// The addresses that are counted as one client: an IPv4 address by itself, an IPv6 address with all that share its
  /// first 64 bits, since the owner of one has them all.
  public var network: ClientNetwork {
    switch value {
    case .unknown, .ipv4: ClientNetwork(self)
    case .ipv6: ClientNetwork(self, prefixLength: 64)
    }
  }
}

extension ClientAddress: CustomStringConvertible {
  /// The address in its shortest form, such as `192.0.2.1` or `2001:db8::1`, or `unknown`.
  public var description: String {
    switch value {
    case .unknown: "unknown"
    case .ipv4(let number): Self.text(of: number.bigEndian, family: AF_INET)
    case .ipv6(let number): Self.text(of: number.bigEndian, family: AF_INET6)
    }
  }

  private static func text(of networkOrder: some FixedWidthInteger, family: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      let end = withUnsafeBytes(of: networkOrder) {
        inet_ntop(family, $0.baseAddress, text.baseAddress, socklen_t(text.count))
      }
      guard let end else { preconditionFailure("every number of its family's length is an address") }
      return String(cString: end)
    }
  }
}
