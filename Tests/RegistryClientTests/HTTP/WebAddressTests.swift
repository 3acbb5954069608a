import Testing

@testable import RegistryClient

@Suite("Addresses that registries name")
struct WebAddressTests {
  @Test(
    "a reference is resolved against where it was named",
    arguments: [
      ("/v2/a/blobs/uploads/1?_state=x", "https://r.example.org/v2/a/blobs/uploads/1?_state=x"),
      ("https://other.example.org:8443/x", "https://other.example.org:8443/x"),
      ("?digest=1", "https://r.example.org/v2/b?digest=1"), ("/x#part", "https://r.example.org/x"),
    ])
  func relative(_ reference: String, _ whole: String) throws {
    let base = try #require(WebAddress("https://r.example.org/v2/b"))
    #expect(WebAddress(reference, relativeTo: base)?.text == whole)
  }

  @Test(
    "what is no address of HTTP, or carries a user, is none",
    arguments: [
      "", "file:///etc/passwd", "ftp://a/b", "https://user@a.example/", "https://u:p@a.example/", "https:///x",
      "http://a b/", "http://a/\n", "http://a:0/", "javascript:1",
    ])
  func refused(_ text: String) {
    #expect(WebAddress(text) == nil)
  }

  @Test("an origin is scheme, host and port")
  func origin() throws {
    let origin = try #require(WebAddress("https://R.example.org/x")).origin
    #expect(origin == WebAddress("https://r.example.org:443/y")?.origin)
    #expect(origin != WebAddress("http://r.example.org:443/y")?.origin)
    #expect(origin != WebAddress("https://r.example.org:444/y")?.origin)
    #expect("\(origin)" == "r.example.org")
    #expect(WebAddress("http://[::1]:5000/")?.isLoopback == true)
  }

  @Test("a parameter is added behind those that are there")
  func parameters() throws {
    #expect(WebAddress("http://a/x")?.adding("digest", "sha256:1")?.text == "http://a/x?digest=sha256%3A1")
    #expect(WebAddress("http://a/x?y=1")?.adding("z", "a b/ü")?.text == "http://a/x?y=1&z=a%20b%2F%C3%BC")
  }
}
