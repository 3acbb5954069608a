import Testing

@testable import RegistryClient

@Suite("Proxies of the environment")
struct ProxySettingsTests {
  /// Where a request to a URL goes first; nil for there itself.
  private func way(to url: String, _ environment: [String: String]) throws -> String? {
    let origin = try #require(WebAddress(url)).origin
    return try ProxySettings(environment: environment).proxy(for: origin).map { "\($0.host):\($0.port)" }
  }

  @Test(
    "the scheme decides which variable counts, and capitals come before small letters",
    arguments: [
      (["HTTPS_PROXY": "http://p:1"], "https://a.example.org", "p:1"),
      (["HTTPS_PROXY": "http://p:1"], "http://a.example.org", nil),
      (["HTTP_PROXY": "p.example.org"], "http://a.example.org", "p.example.org:80"),
      (["http_proxy": "p:3128/"], "http://a.example.org:5000/v2/", "p:3128"),
      (["https_proxy": "http://small:1", "HTTPS_PROXY": "http://large:1"], "https://a.example.org", "large:1"),
      (["https_proxy": "http://small:1", "HTTPS_PROXY": ""], "https://a.example.org", "small:1"),
      (["HTTPS_PROXY": "http://[2001:db8::7]:8080"], "https://a.example.org", "2001:db8::7:8080"),
      ([:], "https://a.example.org", nil),
    ] as [([String: String], String, String?)])
  func choice(_ environment: [String: String], _ url: String, _ expected: String?) throws {
    #expect(try way(to: url, environment) == expected)
  }

  @Test(
    "this machine is reached directly, whatever is set",
    arguments: ["http://localhost:5000", "http://127.0.0.1", "http://127.8.8.8:1", "http://[::1]:5000"])
  func loopback(_ url: String) throws {
    #expect(try way(to: url, ["HTTP_PROXY": "p:1"]) == nil)
  }

  @Test(
    "NO_PROXY takes out hosts with what is below them, addresses, networks, and single ports",
    arguments: [
      ("example.org", "example.org", true), ("example.org", "a.b.example.org:5000", true),
      ("example.org", "badexample.org", false), (".example.org", "example.org", false),
      (".example.org", "a.example.org", true), ("*.example.org", "a.example.org", true),
      ("*.example.org", "example.org", false), ("Example.ORG", "example.org", true),
      ("a.example, ,b.example ", "b.example", true), ("example.org:5000", "example.org:5000", true),
      ("example.org:5000", "example.org:5001", false), ("10.0.0.0/8", "10.200.0.1:5000", true),
      ("10.0.0.0/8", "11.0.0.1", false), ("192.168.7.0/23", "192.168.6.255", true),
      ("192.168.7.0/23", "192.168.8.1", false), ("10.0.0.0/8", "10.example.org", false), ("0.0.0.0/0", "8.8.8.8", true),
      ("192.0.2.7", "192.0.2.7:5000", true), ("192.0.2.7:5000", "192.0.2.7:5001", false),
      ("2001:db8::/32", "[2001:db8:1::2]:5000", true), ("[2001:db8::2]:5000", "[2001:db8::2]:5000", true),
      ("2001:db8::/32", "32.1.13.184", false), ("*", "anything.example.org", true), ("10.0.0.0/33", "10.0.0.1", false),
      ("", "example.org", false),
    ])
  func exemptions(_ list: String, _ host: String, _ isDirect: Bool) throws {
    for name in ["NO_PROXY", "no_proxy"] {
      #expect(try way(to: "http://\(host)", ["HTTP_PROXY": "p:1", name: list]) == (isDirect ? nil : "p:1"))
    }
  }

  @Test(
    "what is no proxy over HTTP is refused, and not repeated, for it may hold a password",
    arguments: ["socks5://me:secret@p:1", "https://me:secret@p", "http://", "p:99999", "http://me:secret@p p"])
  func refused(_ text: String) {
    let error = #expect(throws: InvalidConfiguration.self) { try ProxySettings(environment: ["https_proxy": text]) }
    #expect(error?.description.hasPrefix("https_proxy: ") == true)
    #expect(error?.description.contains("secret") == false)
  }
}
