public import Access

/// The reverse proxies whose word is taken for where a request comes from.
public struct TrustedProxies: Hashable, Sendable {
  /// Their addresses.
  public let networks: [ClientNetwork]

  /// No proxy at all.
  public static let none = Self(networks: [])

  private init(networks: [ClientNetwork]) {
    self.networks = networks
  }

  /// Whether an address is that of a proxy.
  public func contains(_ address: ClientAddress) -> Bool {
    networks.contains { $0.contains(address) }
  }
}

extension TrustedProxies: SettingValue {
  static var placeholder: String { "networks|none" }

  /// Parses `none`, or addresses and networks with commas between them, such as `10.0.0.0/8,192.0.2.1,fd00::/8`.
  public init(parsing text: String) throws(InvalidValue) {
    guard text != "none" else {
      self = .none
      return
    }
    var networks: [ClientNetwork] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.drop { $0 == " " }
      guard let network = ClientNetwork(parsing: part) else {
        throw InvalidValue(
          "\(quoted(String(part))) is neither an IP address nor a network: write addresses, and networks whose bits "
            + "behind the prefix are zero, with commas between them, such as 192.0.2.1,10.0.0.0/8,fd00::/8, or none")
      }
      networks.append(network)
    }
    self.networks = networks
  }

  var settingText: String {
    networks.isEmpty ? "none" : networks.map(\.description).joined(separator: ",")
  }
}
