import Access
import Catalog
import Testing

@testable import Webhooks

@Suite("Addresses that webhooks may reach")
struct TargetAddressesTests {
  @Test(
    "are none of this machine, its neighbours or its cloud",
    arguments: [
      "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
      "100.100.100.200", "169.254.169.254", "168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1",
      "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
      "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1",
    ])
  func refused(_ text: String) async throws {
    let address = try #require(ClientAddress(parsing: text))
    let (strict, lenient) = (addresses([address]), addresses([address], allowsPrivate: true))
    let url = try WebhookURL(parsing: "https://hooks.example.org/")
    let failure = await #expect(throws: WebhookFailure.self) { try await strict.address(for: url) }
    #expect(failure?.isForbidden == true && failure?.description.contains("webhook-private-targets") == true)
    #expect(try await lenient.address(for: url) == address)
  }

  @Test(
    "are those of the internet",
    arguments: [
      "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.255.255", "100.63.255.255", "223.255.255.255",
      "2606:4700:4700::1111", "2a00:1450::1",
    ])
  func allowed(_ text: String) async throws {
    let address = try #require(ClientAddress(parsing: text))
    let url = try WebhookURL(parsing: "https://hooks.example.org/")
    #expect(try await addresses([address]).address(for: url) == address)
  }

  @Test("a name that stands for one that may not be reached is refused whatever else it stands for, each time anew")
  func mixed() async throws {
    let (outside, inside) = (ClientAddress(ipv4: 0x0808_0808), ClientAddress(ipv4: 0x7f00_0001))
    let url = try WebhookURL(parsing: "https://hooks.example.org/")
    await #expect(throws: WebhookFailure.self) { try await addresses([outside, inside]).address(for: url) }
    await #expect(throws: WebhookFailure.self) { try await addresses([]).address(for: url) }
  }

  @Test(
    "whatever the system takes for an address of this machine is refused",
    arguments: ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"])
  func resolved(_ host: String) async throws {
    let url = try WebhookURL(parsing: "http://\(host):8080/hook")
    let failure = await #expect(throws: WebhookFailure.self) {
      try await TargetAddresses(allowsPrivate: false).address(for: url)
    }
    #expect(failure?.isForbidden == true, "\(String(describing: failure))")
  }

  private func addresses(_ found: [ClientAddress], allowsPrivate: Bool = false) -> TargetAddresses {
    TargetAddresses(allowsPrivate: allowsPrivate) { (_: String) throws(WebhookFailure) in found }
  }
}
