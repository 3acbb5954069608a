import Testing

@testable import berth

@Suite struct ServerAddressTests {
  @Test(
    "a server is a host, a port and a scheme, which is https but for this machine",
    arguments: [
      ("registry.example.org", "https://registry.example.org", "registry.example.org"),
      ("Registry.Example.org:5000", "https://registry.example.org:5000", "registry.example.org:5000"),
      ("https://registry.example.org/", "https://registry.example.org", "registry.example.org"),
      ("HTTP://registry:80", "http://registry:80", "registry:80"),
      ("my_registry:5000", "https://my_registry:5000", "my_registry:5000"),
      ("localhost", "http://localhost", "localhost"),
      ("localhost:5000", "http://localhost:5000", "localhost:5000"),
      ("127.0.0.1:5000", "http://127.0.0.1:5000", "127.0.0.1:5000"),
      ("127.9.9.9", "http://127.9.9.9", "127.9.9.9"),
      ("https://localhost:5000", "https://localhost:5000", "localhost:5000"),
      ("[::1]:5000", "http://[::1]:5000", "[::1]:5000"),
      ("[2001:db8::1]", "https://[2001:db8::1]", "[2001:db8::1]"),
      ("127.example.org", "https://127.example.org", "127.example.org"),
    ])
  func reads(_ text: String, _ url: String, _ host: String) throws {
    let server = try ServerAddress(parsing: text)
    #expect(server.description == url)
    #expect(server.host == host)
  }

  @Test(
    "text that is no server is refused with an example",
    arguments: [
      "", "/", "https://", "ftp://registry.example.org", "registry.example.org/team", "registry.example.org:",
      "registry.example.org:0", "registry.example.org:65536", "registry.example.org:5000x", "registry example.org",
      "[::1", "[registry]:5000", "::1", "https://registry.example.org?x=1", "registry.example.org#x", "régistry",
      "registry\n.example.org", "https://https://registry",
    ])
  func refuses(_ text: String) throws {
    let error = #expect(throws: InvalidServerAddress.self) { try ServerAddress(parsing: text) }
    #expect(error?.description.contains("registry.example.org or localhost:5000") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test("what stands before an @ is not repeated, because it may be a password")
  func keepsSecret() {
    let error = #expect(throws: InvalidServerAddress.self) {
      try ServerAddress(parsing: "https://alice:wonderland@registry.example.org")
    }
    #expect(error?.description.contains("wonderland") == false)
  }
}
