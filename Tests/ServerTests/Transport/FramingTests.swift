import NIOHTTP1
import Testing

@testable import Server

@Suite("Framing")
struct FramingTests {
  private func request(
    _ fields: [(String, String)], version: HTTPVersion = .http1_1, method: HTTPMethod = .PUT
  ) throws -> RequestFraming {
    try RequestFraming(HTTPRequestHead(version: version, method: method, uri: "/", headers: HTTPHeaders(fields)))
  }

  @Test("what a request says about its connection is understood in any case of letters")
  func understood() throws {
    #expect(try request([("host", "a")]) == RequestFraming())
    #expect(try request([("HOST", "a"), ("EXPECT", "100-CONTINUE")]).expectsContinue)
    #expect(try request([("Host", "a")], method: .HEAD).isHEAD)
    #expect(try !request([("Host", "a"), ("Connection", "close")]).keepsAlive)
    #expect(try !request([("Host", "a"), ("Upgrade", "h2c")]).keepsAlive)
    #expect(try !request([], version: .http1_0).keepsAlive)
    #expect(try request([("Connection", "keep-alive")], version: .http1_0).keepsAlive)
    #expect(try !request([("Expect", "100-continue")], version: .http1_0).expectsContinue)
  }

  @Test(
    "what can be understood in two ways is refused",
    arguments: [
      ([], Refusal.host), ([("Host", "a"), ("host", "a")], .host),
      ([("Host", "a"), ("Expect", "magic")], .expectation),
      ([("Host", "a"), ("Transfer-Encoding", "gzip, chunked")], .transferEncoding),
      ([("Host", "a"), ("Transfer-Encoding", "chunked"), ("Content-Length", "1")], .transferEncoding),
      ([("Host", "a"), ("Content-Length", "1"), ("content-length", "1")], .contentLength),
    ])
  func refused(_ fields: [(String, String)], refusal: Refusal) {
    #expect(throws: refusal) { try request(fields) }
  }

  private func response(
    _ status: HTTPResponseStatus, _ fields: [(String, String)], to request: RequestFraming = RequestFraming()
  ) -> (fields: [String], framing: ResponseFraming, version: HTTPVersion) {
    var head = HTTPResponseHead(version: .http1_1, status: status, headers: HTTPHeaders(fields))
    let framing = head.frame(for: request)
    return (head.headers.map { "\($0.name): \($0.value)" }, framing, head.version)
  }

  @Test("a response ends where its head says")
  func ends() {
    var head = RequestFraming()
    head.isHEAD = true
    var old = RequestFraming()
    old.isHTTP10 = true

    #expect(response(.ok, [("content-length", "3")]).fields == ["content-length: 3"])
    #expect(response(.ok, []).fields == ["Transfer-Encoding: chunked"])
    #expect(
      response(.ok, [("Transfer-Encoding", "chunked"), ("Content-Length", "3")]).fields == ["Content-Length: 3"])
    #expect(response(.ok, [], to: head).fields == [])
    #expect(response(.ok, [("Transfer-Encoding", "chunked")], to: head).fields == [])
    #expect(response(.ok, [], to: head).framing.isBodyless)
    #expect(response(.noContent, [("Content-Length", "0")]).fields == [])
    #expect(response(.notModified, [("Content-Length", "9")]).fields == ["Content-Length: 9"])
    #expect(response(.notModified, []).framing.isBodyless)

    #expect(response(.ok, [], to: old).version == .http1_0)
    #expect(response(.ok, [], to: old).framing.closesConnection)
    #expect(!response(.ok, [("Content-Length", "3")], to: old).framing.closesConnection)
    #expect(response(.ok, [("Connection", "Close"), ("Content-Length", "3")]).framing.closesConnection)
  }
}
