import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Routes and errors", .liveServer)
struct ErrorTests {
  private let server = LiveServer.current
  private static let digest = "sha256:" + String(repeating: "0", count: 64)
  private static let upload = String(repeating: "0", count: 32)

  @Test("the root of the API says that it is there", arguments: ["/v2/", "/v2", "/v2/?x=y"])
  func ping(_ target: String) async throws {
    let reply = try await server.send(.GET, target)
    #expect(reply.status == 200)
    #expect(reply["Docker-Distribution-Api-Version"] == "registry/2.0")
    #expect(reply["Date"] != nil)
    let head = try await server.send(.HEAD, target)
    #expect(head.status == 200)
    #expect(head.body.isEmpty)
  }

  @Test(
    "a path that is no endpoint is unknown",
    arguments: [
      ("/v2/a", RegistryError.Code.nameInvalid), ("/v2/a/b/c", .nameInvalid), ("/v2/a/manifests", .nameInvalid),
      ("/v2/a/tags", .nameInvalid), ("/v2/a/tags/list/", .nameInvalid), ("/v2/_catalog/", .nameInvalid),
      ("/v2/a/blobs", .nameInvalid), ("/v2/a/tags/lists", .nameInvalid), ("/v2x", .nameInvalid),
      ("/", .unsupported), ("/v1/", .unsupported), ("/api/v1/nothing", .unsupported), ("/favicon.ico", .unsupported),
    ])
  func unknownPath(_ target: String, _ code: RegistryError.Code) async throws {
    for method in [HTTPMethod.GET, .POST, .DELETE] {
      let reply = try await server.send(method, target)
      #expect(reply.status == 404 && reply.isError(code))
      #expect(reply["Content-Type"] == "application/json")
      #expect(reply["Docker-Distribution-Api-Version"] == "registry/2.0")
    }
  }

  @Test(
    "a method that an endpoint does not take is refused with those that it takes",
    arguments: [
      ("/v2/", "GET, HEAD"), ("/v2/_catalog", "GET, HEAD"), ("/v2/a/tags/list", "GET, HEAD"),
      ("/v2/a/manifests/v1", "GET, HEAD, PUT, DELETE"), ("/v2/a/manifests/\(digest)", "GET, HEAD, PUT, DELETE"),
      ("/v2/a/blobs/\(digest)", "GET, HEAD, DELETE"), ("/v2/a/blobs/uploads/", "POST"),
      ("/v2/a/blobs/uploads/\(upload)", "GET, HEAD, PATCH, PUT, DELETE"), ("/v2/a/referrers/\(digest)", "GET, HEAD"),
      ("/api/v1/collections", "POST"), ("/healthz", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/metrics", "GET, HEAD"),
    ])
  func otherMethod(_ target: String, _ allow: String) async throws {
    let allowed = allow.split(separator: ", ").map(String.init)
    for method in ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
    where !allowed.contains(method) {
      let reply = try await server.send(HTTPMethod(rawValue: method), target)
      #expect(reply.status == 405, "\(method)")
      #expect(reply["Allow"] == allow)
      #expect(method == "HEAD" ? reply.body.isEmpty : reply.isError(.unsupported))
    }
  }

  @Test(
    "errors are not the body of an answer to HEAD",
    arguments: [
      "/v2/a/manifests/none", "/v2/a/blobs/\(digest)", "/v2/UPPER/manifests/a", "/v2/a/blobs/sha256:abc", "/nothing",
    ])
  func head(_ target: String) async throws {
    let get = try await server.send(.GET, target)
    let head = try await server.send(.HEAD, target)
    #expect(head.status == get.status)
    #expect(head["Content-Length"] == "\(get.body.count)")
    #expect(head.body.isEmpty)
    #expect(!get.body.isEmpty)
  }

  @Test(
    "a repository may be called as parts of paths are",
    arguments: [
      "blobs", "manifests", "tags", "uploads", "list", "referrers", "v2", "a/blobs", "blobs/uploads", "blobs/uploads/a",
      "a/manifests/b", "tags/list", "a/tags/list", "manifests/manifests", "referrers/blobs/manifests/tags/uploads",
      "a__b/c.d-e--f",
    ])
  func namesOfEndpoints(_ name: String) async throws {
    let layer = Sample.newBytes(10)
    let image = try await server.pushImage(to: name, as: "list", layers: [layer])
    #expect(try await server.send(.GET, "/v2/\(name)/manifests/list").body == image.bytes)
    #expect(try await server.send(.GET, "/v2/\(name)/blobs/\(Digest.of(layer))").body == layer)
    #expect(try await server.send(.GET, "/v2/\(name)/tags/list").text == #"{"name":"\#(name)","tags":["list"]}"#)
    #expect(try await server.send(.GET, "/v2/\(name)/referrers/\(image.digest)").status == 200)
    let location = try await server.beginUpload(in: name)
    #expect(try await server.send(.GET, location).status == 204)
    #expect(try await server.send(.PUT, "\(location)?digest=\(Digest.of([]))").status == 201)
  }

  @Test(
    "a name outside the grammar is refused, and the answer says what was wrong",
    arguments: [
      "UPPER", "a_-b", "-a", "a-", "a..b", "a___b", ".a", "a//b", "a%20b", "a%2F..%2Fb", "é",
      String(repeating: "a", count: 256),
    ])
  func badName(_ name: String) async throws {
    let encoded = name == "é" ? "%C3%A9" : name
    for target in ["manifests/v1", "tags/list", "blobs/\(Self.digest)", "referrers/\(Self.digest)"] {
      let reply = try await server.send(.GET, "/v2/\(encoded)/\(target)")
      #expect(reply.status == 400 && reply.isError(.nameInvalid), "\(target)")
    }
    let begun = try await server.send(.POST, "/v2/\(encoded)/blobs/uploads/")
    #expect(begun.status == 400 && begun.isError(.nameInvalid))
  }

  @Test(
    "a tag outside the grammar is refused where it is written, and is not there where it is read",
    arguments: ["-a", ".a", "a%20b", "a%2Fb", "a%00b", "%C3%A9", String(repeating: "a", count: 129)])
  func badTag(_ tag: String) async throws {
    let parts = tag == "a%2Fb"
    for method in [HTTPMethod.PUT, .DELETE] {
      let reply = try await server.send(method, "/v2/a/manifests/\(tag)")
      #expect(reply.status == 400 && reply.isError(parts ? .nameInvalid : .tagInvalid))
    }
    let read = try await server.send(.GET, "/v2/a/manifests/\(tag)")
    #expect(read.status == (parts ? 400 : 404) && read.isError(parts ? .nameInvalid : .manifestUnknown))
    #expect(try await server.send(.HEAD, "/v2/a/manifests/\(tag)").status == read.status)
  }

  @Test("those who run the server are answered", arguments: ["/healthz", "/readyz", "/metrics"])
  func operations(_ target: String) async throws {
    #expect(try await server.send(.GET, target).status == 200)
    #expect(try await server.send(.HEAD, target).body.isEmpty)
  }
}

@Suite("Expect: 100-continue", .liveServer)
struct ExpectTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func request(_ method: HTTPMethod, _ target: String, _ headers: String = "", length: Int = 4) -> String {
    "\(method.rawValue) \(target) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\(headers)\r\n"
  }

  @Test("an upload that is taken is asked for, in every request that carries bytes")
  func taken() async throws {
    let bytes = Array("abcd".utf8)
    let location = try await server.beginUpload(in: repository)
    let uploads = "/v2/\(repository)/blobs/uploads/?digest=\(Digest.of(bytes))"
    let second = try await server.beginUpload(in: repository)
    for (request, status) in [
      (request(.PATCH, location), 202), (request(.POST, uploads), 201),
      (request(.PUT, "\(second)?digest=\(Digest.of(bytes))"), 201),
    ] {
      let head = try await RawClient.talk(to: server.port) { client in
        try client.send(request)
        #expect(try client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send(bytes)
        return try client.receiveHead()
      }
      #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(request)")
    }
  }

  @Test("an upload that is refused is refused before its bytes are asked for")
  func refused() async throws {
    let location = try await server.beginUpload(in: repository)
    let digest = Digest.of([])
    for (request, status) in [
      (request(.PATCH, location, "Content-Range: 7-10\r\n"), 416),
      (request(.PUT, "\(location)?digest=\(digest)", "Content-Range: 7-10\r\n"), 416),
      (request(.PATCH, location, "Content-Range: 0-9\r\n"), 400),
      (request(.PUT, "\(location)?digest=nonsense"), 400),
      (request(.PUT, location), 400),
      (request(.PATCH, "/v2/\(repository)/blobs/uploads/\(String(repeating: "0", count: 32))"), 404),
      (request(.POST, "/v2/\(repository)/blobs/uploads/?digest=nonsense"), 400),
      (request(.POST, "/v2/UPPER/blobs/uploads/?digest=\(digest)"), 400),
      (request(.PUT, "/v2/\(repository)/manifests/v1", length: 100 << 20), 413),
      (request(.PUT, "/v2/\(repository)/manifests/v1?tag=-"), 400),
      (request(.POST, "/v2/\(repository)/tags/list"), 405),
      (request(.PUT, "/nothing"), 404),
    ] {
      let reply = try await RawClient.talk(to: server.port) { client in
        try client.send(request)
        return try client.receiveResponse()
      }
      #expect(reply.head.hasPrefix("HTTP/1.1 \(status) "), "\(request) \(reply.head)")
      #expect(reply.body.hasPrefix(#"{"errors":[{"code":""#))
    }
    #expect(try await server.send(.PUT, "\(location)?digest=\(digest)").status == 201)
  }
}
