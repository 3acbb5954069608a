internal import Access

/// The addresses that are no host of the internet: this machine, its neighbours, and what clouds answer their machines
/// under. Whoever may set a webhook's URL could otherwise have the registry ask what only it can reach.
enum ForbiddenNetworks {
  /// IANA's special-purpose addresses that are not globally reachable (RFC 6890 and its registry), multicast, and
  /// Azure's address for its machines.
  private static let ipv4 = networks([
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
  ])
  /// All that has been given out (RFC 4291, section 2.5.4), but for what is not globally reachable, and for 6to4 and
  /// Teredo, in which an IPv4 address stands that is reached. Mapped addresses are IPv4 addresses.
  private static let global = networks(["2000::/3"])
  private static let notGlobal = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])

  static func contain(_ address: ClientAddress) -> Bool {
    let isIPv6 = address.description.contains(":")
    guard isIPv6 else { return address == .unknown || ipv4.contains { $0.contains(address) } }
    return !global.contains { $0.contains(address) } || notGlobal.contains { $0.contains(address) }
  }

  private static func networks(_ texts: [String]) -> [ClientNetwork] {
    texts.map { text in
      guard let network = ClientNetwork(parsing: text) else { preconditionFailure("\(text) is a network") }
      return network
    }
  }
}
