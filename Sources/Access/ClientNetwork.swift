/// The addresses that begin with the same bits (RFC 4632, section 3.1); the network of an unknown address has only that.
public struct ClientNetwork: Hashable, Sendable {
  /// The first of the addresses: all bits behind the prefix are zero.
  private let first: ClientAddress
  /// In bits, at most 32 for IPv4 and 128 for IPv6.
  private let prefixLength: Int

  /// The network of one address.
  init(_ address: ClientAddress) {
    self.init(address, prefixLength: address.bitWidth)
  }

  /// The network of `address` and of all that share its first bits.
  init(_ address: ClientAddress, prefixLength: Int) {
    first = address.clearing(bitsBehind: prefixLength)
    self.prefixLength = prefixLength
  }

  /// Parses `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`; nil for other text, and where bits behind the prefix are set.
  public init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = ClientAddress(parsing: parts[0]) else { return nil }
    guard parts.count == 2 else {
      self.init(address)
      return
    }
    let digits = parts[1]
    // An IPv4 network in the notation of mapped addresses would have a prefix of 96 bits more.
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0"),
      let length = Int(digits), length <= address.bitWidth,
      address.bitWidth == 128 || !parts[0].utf8.contains(UInt8(ascii: ":"))
    else { return nil }
    self.init(address, prefixLength: length)
    guard first == address else { return nil }
  }

  /// Whether an address is one of them.
  public func contains(_ address: ClientAddress) -> Bool {
    address.bitWidth == first.bitWidth && address.clearing(bitsBehind: prefixLength) == first
  }
}

extension ClientNetwork: CustomStringConvertible {
  /// `192.0.2.1` for a single address, `10.0.0.0/8` or `2001:db8::/64` for more, or `unknown`.
  public var description: String {
    prefixLength == first.bitWidth ? "\(first)" : "\(first)/\(prefixLength)"
  }
}

extension ClientAddress {
  fileprivate var bitWidth: Int {
    switch value {
    case .unknown: 0
    case .ipv4: 32
    case .ipv6: 128
    }
  }

  fileprivate func clearing(bitsBehind prefixLength: Int) -> ClientAddress {
    switch value {
    case .unknown: self
    case .ipv4(let number): ClientAddress(ipv4: number & ~(.max >> prefixLength))
    case .ipv6(let number): ClientAddress(ipv6: number & ~(.max >> prefixLength))
    }
  }
}
