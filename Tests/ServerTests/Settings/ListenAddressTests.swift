import Testing

@testable import Server

@Suite("Listen addresses")
struct ListenAddressTests {
  @Test(
    "know whether only this machine can reach them",
    arguments: [
      ("127.0.0.1:5000", true), ("127.9.8.7:0", true), ("[::1]:5000", true), ("[::ffff:127.0.0.1]:5000", true),
      ("localhost:5000", true), ("LocalHost:1", true), ("0.0.0.0:5000", false), ("[::]:5000", false),
      ("192.168.0.1:5000", false), ("registry.example.com:443", false), ("localhost.example.com:443", false),
      ("[::ffff:10.0.0.1]:80", false), ("[7f00::1]:80", false),
    ])
  func loopback(text: String, isLoopback: Bool) throws {
    let address = try ListenAddress(parsing: text)
    #expect(address.isLoopback == isLoopback)
    #expect(address.description == text)
  }

  @Test("have a host without brackets and a port")
  func parts() throws {
    let address = try ListenAddress(parsing: "[fe80::1]:65535")
    #expect(address.host == "fe80::1")
    #expect(address.port == 65535)
  }

  @Test(
    "that cannot be listened on are refused",
    arguments: [
      "", "5000", ":5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80", "::1:5000",
      "[::1]", "[]:80", "[127.0.0.1]:80", "[::1:80", "256.0.0.1:80", "127.1:80", "a b:80", "-a:80", "a..b:80", "*:80",
      "127.0.0.1\0x:80", "http://a:80",
    ])
  func refused(text: String) {
    #expect(throws: InvalidValue.self) { try ListenAddress(parsing: text) }
  }
}
