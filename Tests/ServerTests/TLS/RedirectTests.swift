import HTTPTypes
import Testing

@testable import Server

@Suite("Redirection to TLS")
struct RedirectTests {
  @Test(
    "keeps the path, takes the host without its port, and adds the port of TLS",
    arguments: [
      ("registry.example.com", "/v2/?n=1", 443, "https://registry.example.com/v2/?n=1"),
      ("registry.example.com:80", "/v2/", 5443, "https://registry.example.com:5443/v2/"),
      ("[::1]:80", "//a", 5443, "https://[::1]:5443//a"),
      ("127.0.0.1", "*", 443, "https://127.0.0.1/"),
    ])
  func location(_ host: String, _ path: String, _ port: Int, _ location: String) {
    #expect(Self.location(RedirectResponder(externalURL: nil, tlsPort: port), host, path) == location)
  }

  @Test("goes to the external URL where there is one")
  func external() throws {
    let responder = RedirectResponder(externalURL: try ExternalURL(parsing: "https://a.example:8443"), tlsPort: 5000)
    #expect(Self.location(responder, "b.example", "/v2/") == "https://a.example:8443/v2/")
  }

  @Test("goes nowhere for what is no host", arguments: ["a b", "a@b", "a/b", "", "[::1", "a:0", "a:b", "[a]", "a\\b"])
  func noHost(_ host: String) {
    #expect(Self.location(RedirectResponder(externalURL: nil, tlsPort: 443), host, "/") == nil)
  }

  @Test("answers every request with 308 and the place, and takes no body")
  func answers() async throws {
    let responder = RedirectResponder(externalURL: nil, tlsPort: 5443)
    try await withTransport { request, writer, _ in
      try await responder.respond(request, writer)
    } _: { port in
      let answer = try await RawClient.talk(to: port) { client in
        try client.send("PUT /v2/a/blobs/uploads/1 HTTP/1.1\r\nHost: a.example:80\r\nContent-Length: 1000000\r\n\r\n")
        return try client.receiveResponse()
      }
      #expect(answer.head.hasPrefix("HTTP/1.1 308 Permanent Redirect\r\n"))
      #expect(answer.head.contains("Location: https://a.example:5443/v2/a/blobs/uploads/1\r\n"))
      #expect(answer.head.contains("Connection: close\r\n"))
      let nowhere = try await RawClient.talk(to: port) { client in
        try client.send("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n")
        return try client.receiveResponse()
      }
      #expect(nowhere.head.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    }
  }

  private static func location(_ responder: RedirectResponder, _ host: String, _ path: String) -> String? {
    responder.location(for: HTTPRequest(method: .get, scheme: "http", authority: host, path: path))
  }
}
