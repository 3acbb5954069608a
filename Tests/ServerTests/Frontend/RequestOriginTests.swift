import Access
import HTTPTypes
import NIOCore
import Testing

@testable import Server

@Suite("Where a request comes from")
struct RequestOriginTests {
  /// The address of each chain, from a connection whose other end is `peer`.
  @Test(
    "is the first address from the right that is no trusted proxy's",
    arguments: [
      // Nobody is believed who is not trusted.
      ("198.51.100.1", ["1.1.1.1"], "198.51.100.1"),
      ("10.0.0.1", [], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
      // What the client wrote itself stands at the left.
      ("10.0.0.1", ["1.1.1.1, 192.0.2.7"], "192.0.2.7"),
      ("10.0.0.1", ["10.9.9.9, 192.0.2.7"], "192.0.2.7"),
      ("10.0.0.1", ["garbage, 192.0.2.7"], "192.0.2.7"),
      // Several proxies, and fields that come apart.
      ("10.0.0.1", ["1.1.1.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7"),
      ("10.0.0.1", ["1.1.1.1", "192.0.2.7,10.0.0.2"], "192.0.2.7"),
      ("10.0.0.1", ["1.1.1.1, 192.0.2.7", "10.0.0.2"], "192.0.2.7"),
      ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
      ("10.0.0.1", ["192.0.2.7, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
      // What makes no sense is left out, and what stands left of it with it.
      ("10.0.0.1", ["garbage"], "10.0.0.1"),
      ("10.0.0.1", [""], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7,"], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7, unknown"], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7, garbage, 10.0.0.2"], "10.0.0.2"),
      ("10.0.0.1", ["192.0.2.256"], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7/24"], "10.0.0.1"),
      ("10.0.0.1", ["192.0.2.7 10.0.0.2"], "10.0.0.1"),
      ("10.0.0.1", ["fe80::1%eth0"], "10.0.0.1"),
      // IPv6, mapped addresses, ports.
      ("10.0.0.1", ["2001:DB8::1"], "2001:db8::1"),
      ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
      ("10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
      ("10.0.0.1", ["192.0.2.7:4711"], "192.0.2.7"),
      ("10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
      ("10.0.0.1", ["192.0.2.7, ::ffff:10.0.0.2"], "192.0.2.7"),
      ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
      ("fd00::1", ["192.0.2.7, fd00::2"], "192.0.2.7"),
      ("fe00::1", ["192.0.2.7"], "fe00::1"),
    ] as [(String, [String], String)])
  func address(_ peer: String, _ forwarded: [String], _ address: String) throws {
    let origin = try Self.origin(peer: peer, forwarded.map { ("X-Forwarded-For", $0) })
    #expect(origin.address.description == address)
  }

  @Test(
    "has the scheme and host that a trusted proxy tells, where they are ones",
    arguments: [
      ([], "http", "registry.local:5000"),
      ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example")], "https", "a.example"),
      ([("X-Forwarded-Proto", "HTTPS"), ("X-Forwarded-Host", "A.Example:443")], "https", "a.example:443"),
      ([("X-Forwarded-Proto", "ftp"), ("X-Forwarded-Host", "a b")], "http", "registry.local:5000"),
      ([("X-Forwarded-Proto", ""), ("X-Forwarded-Host", "")], "http", "registry.local:5000"),
      ([("X-Forwarded-Host", "user@a.example")], "http", "registry.local:5000"),
      ([("X-Forwarded-Host", "a.example/path")], "http", "registry.local:5000"),
      ([("X-Forwarded-Host", "a.example:99999")], "http", "registry.local:5000"),
      ([("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", "evil.example, a.example")], "https", "a.example"),
      ([("X-Forwarded-Proto", "http"), ("X-Forwarded-Proto", "https")], "https", "registry.local:5000"),
    ] as [([(String, String)], String, String)])
  func schemeAndHost(_ fields: [(String, String)], _ scheme: String, _ host: String) throws {
    let origin = try Self.origin(peer: "10.0.0.1", fields)
    #expect(origin.scheme == scheme)
    #expect(origin.host?.description == host)
  }

  @Test("is what the connection says for a peer that is not trusted", arguments: ["198.51.100.1", "11.0.0.1"])
  func untrusted(_ peer: String) throws {
    let origin = try Self.origin(
      peer: peer,
      [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example")])
    #expect(origin.address.description == peer)
    #expect(origin.scheme == "http")
    #expect(origin.host?.description == "registry.local:5000")
  }

  @Test("is not known on a socket without addresses, which no proxy's network holds")
  func noAddress() throws {
    let proxies = try TrustedProxies(parsing: "0.0.0.0/0,::/0")
    var head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/")
    head.headerFields[HTTPField.Name("X-Forwarded-For")!] = "1.1.1.1"
    #expect(RequestOrigin(head, peer: nil, proxies: proxies).address == .unknown)
  }

  @Test("a list of proxies is read as it is written", arguments: ["none", "10.0.0.0/8,192.0.2.1,fd00::/8"])
  func proxies(_ text: String) throws {
    #expect(try TrustedProxies(parsing: text).settingText == text)
  }

  @Test(
    "a list with something else in it is refused", arguments: ["", "10.0.0.0/8,", "10.0.0.1/8", "a", "10.0.0.0/33"])
  func notProxies(_ text: String) throws {
    #expect(throws: InvalidValue.self) { try TrustedProxies(parsing: text) }
  }

  private static func origin(peer: String, _ fields: [(String, String)]) throws -> RequestOrigin {
    var head = HTTPRequest(method: .get, scheme: "http", authority: "registry.local:5000", path: "/")
    for (name, value) in fields {
      head.headerFields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
    }
    return RequestOrigin(
      head, peer: try SocketAddress(ipAddress: peer, port: 1),
      proxies: try TrustedProxies(parsing: "10.0.0.0/8,fd00::/8"))
  }
}
