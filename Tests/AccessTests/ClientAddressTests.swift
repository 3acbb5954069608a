import Access
import Testing

@Suite("Client addresses")
struct ClientAddressTests {
  @Test(
    "are told by their shortest form, and counted by the network that one client has",
    arguments: [
      ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
      ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
      ("::FFFF:C000:0201", "192.0.2.1", "192.0.2.1"),
      ("2001:DB8:0:0:1:2:3:4", "2001:db8::1:2:3:4", "2001:db8::/64"),
      ("::1", "::1", "::/64"),
      (
        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "ffff:ffff:ffff:ffff::/64"
      ),
    ])
  func parsing(_ text: String, _ description: String, _ network: String) throws {
    let address = try #require(ClientAddress(parsing: text))
    #expect(address.description == description)
    #expect(address.network.description == network)
    #expect(address.network.contains(address))
    #expect(ClientAddress(parsing: description) == address)
  }

  @Test(
    "are nothing else",
    arguments: [
      "", "a", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", " 1.2.3.4", "1.2.3.4\0", "[::1]", "::1%lo", "1:2",
    ])
  func notAnAddress(_ text: String) {
    #expect(ClientAddress(parsing: text) == nil)
  }

  @Test("that are not known are one network of their own")
  func unknown() {
    #expect(ClientAddress.unknown.description == "unknown")
    #expect(ClientAddress.unknown.network.description == "unknown")
    #expect(ClientNetwork(parsing: "0.0.0.0/0")?.contains(.unknown) == false)
  }

  @Test(
    "are in the networks whose prefix they have",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "192.0.2.1", true),
      ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
      ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false), ("2001:db8::/127", "2001:db8::2", false),
      ("10.0.0.0/8", "::ffff:10.0.0.1", true),
    ])
  func contains(_ network: String, _ address: String, _ isIn: Bool) throws {
    let network = try #require(ClientNetwork(parsing: network))
    #expect(network.contains(try #require(ClientAddress(parsing: address))) == isIn)
  }

  @Test(
    "make no network with bits behind the prefix, or without a prefix that fits",
    arguments: [
      "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "/8", "::1/64", "::/129",
      "::ffff:10.0.0.0/104", "10.0.0.0/8/8", "",
    ])
  func notANetwork(_ text: String) {
    #expect(ClientNetwork(parsing: text) == nil)
  }
}
