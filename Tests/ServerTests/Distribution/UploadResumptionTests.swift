import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Uploads that break off", .liveServer)
struct UploadResumptionTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func expectProgress(_ range: String, of location: String) async throws {
    let reply = try await server.send(.GET, location)
    #expect(reply.status == 204)
    #expect(reply["Range"] == range)
  }

  private enum Framing: String, CaseIterable {
    case length = "Content-Length: 1000\r\n"
    case lengthAndPlace = "Content-Length: 1000\r\nContent-Range: 0-999\r\n"
    case chunks = "Transfer-Encoding: chunked\r\n"
  }

  @Test("a PATCH that is cut off in the middle goes on where it was", arguments: Framing.allCases)
  private func cutOff(_ framing: Framing) async throws {
    let bytes = Sample.newBytes(1_000)
    let location = try await server.beginUpload(in: repository)
    try await RawClient.talk(to: server.port) { client in
      try client.send("PATCH \(location) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\(framing.rawValue)\r\n")
      #expect(try client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
      if framing == .chunks { try client.send("3E8\r\n") }
      try client.send(Array(bytes[..<600]))
    }
    try await expectProgress("0-599", of: location)
    let next = try await server.pushChunks([Array(bytes[600...])], to: location, from: 600)
    #expect(try await server.send(.PUT, "\(next)?digest=\(Digest.of(bytes))").status == 201)
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(Digest.of(bytes))").body == bytes)
  }

  @Test("a PUT that is cut off in the middle makes no blob, and can be sent again")
  func cutOffPut() async throws {
    let bytes = Sample.newBytes(1_000)
    let digest = Digest.of(bytes)
    let location = try await server.beginUpload(in: repository)
    _ = try await server.pushChunks([Array(bytes[..<100])], to: location)
    let answer = try await RawClient.talk(to: server.port) { client in
      try client.send("PUT \(location)?digest=\(digest) HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")
      try client.send(Array(bytes[100..<600]))
      client.closeOutput()
      return try client.receiveToEnd()
    }
    #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("SIZE_INVALID"))
    try await expectProgress("0-99", of: location)
    #expect(try await server.send(.HEAD, "/v2/\(repository)/blobs/\(digest)").status == 404)
    #expect(try await server.send(.PUT, "\(location)?digest=\(digest)", body: Array(bytes[100...])).status == 201)
  }

  @Test(
    "a later request takes an upload over from one whose client stalls",
    arguments: [HTTPMethod.GET, .PATCH, .PUT, .DELETE])
  func takenOver(_ method: HTTPMethod) async throws {
    let bytes = Sample.newBytes(300_000)
    let digest = Digest.of(bytes)
    let location = try await server.beginUpload(in: repository)
    let answer = try await RawClient.talk(to: server.port) { client in
      try client.send("PATCH \(location) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n")
      #expect(try client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
      try client.send(Array(bytes[..<150_000]))
      waitFromThread { await takeOver(location, by: method, bytes) }
      return try client.receiveToEnd()
    }
    #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("BLOB_UPLOAD_INVALID"))
    let isThere = try await server.send(.HEAD, "/v2/\(repository)/blobs/\(digest)").status == 200
    #expect(isThere == (method != .DELETE))
  }

  /// Carries out a request, and has the upload ended by what it is told the upload holds.
  private func takeOver(_ location: String, by method: HTTPMethod, _ bytes: [UInt8]) async {
    do {
      let digest = Digest.of(bytes)
      switch method {
      case .GET: #expect(try await server.send(.GET, location).status == 204)
      case .DELETE: #expect(try await server.send(.DELETE, location).status == 204)
      case .PATCH:
        // At a place where the upload does not end: it is told the right one.
        let reply = try await server.send(.PATCH, location, [("Content-Range", "300000-300000")], body: [1])
        #expect(reply.status == 416)
      default:
        let reply = try await server.send(.PUT, "\(location)?digest=\(digest)", body: [1])
        #expect(reply.status == 400 && reply.isError(.digestInvalid))
      }
      guard method != .DELETE else { return }
      let progress = try #require(try await server.send(.GET, location)["Range"])
      let held = try ChunkRange(parsing: progress).last + 1
      #expect(held <= 150_000)
      let rest = held == 1 ? bytes : Array(bytes[Int(held)...])
      #expect(try await server.send(.PUT, "\(location)?digest=\(digest)", body: rest).status == 201)
      #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(digest)").body == bytes)
    } catch {
      Issue.record(error)
    }
  }
}

@Suite("Restarts")
struct RestartTests {
  @Test("an upload survives a restart and goes on at the byte it had", arguments: Digest.Algorithm.allCases)
  func upload(_ algorithm: Digest.Algorithm) async throws {
    try await withTemporaryFolder { folder in
      let bytes = Sample.newBytes(200_000)
      let digest = Digest.of(bytes, algorithm: algorithm)
      let location = try await LiveServer.run(data: "\(folder)/data") { server in
        try await server.pushChunks([Array(bytes[..<70_001])], to: try await server.beginUpload(in: "a/b"))
      }
      try await LiveServer.run(data: "\(folder)/data") { server in
        let progress = try await server.send(.GET, location)
        #expect(progress.status == 204)
        #expect(progress["Range"] == "0-70000")
        _ = try await server.pushChunks([Array(bytes[70_001..<100_000])], to: location, from: 70_001)
      }
      try await LiveServer.run(data: "\(folder)/data") { server in
        let late = try await server.send(.PATCH, location, [("Content-Range", "70001-70001")], body: [1])
        #expect(late.status == 416)
        #expect(late["Range"] == "0-99999")
        let reply = try await server.send(.PUT, "\(location)?digest=\(digest)", body: Array(bytes[100_000...]))
        #expect(reply.status == 201, "\(reply.text)")
        #expect(try await server.send(.GET, "/v2/a/b/blobs/\(digest)").body == bytes)
      }
    }
  }

  @Test("an upload that was given up stays gone")
  func cancelledUpload() async throws {
    try await withTemporaryFolder { folder in
      let location = try await LiveServer.run(data: "\(folder)/data") { server in
        let location = try await server.pushChunks([[1]], to: try await server.beginUpload(in: "a"))
        try await server.send(.DELETE, location)
        return location
      }
      try await LiveServer.run(data: "\(folder)/data") { server async throws in
        #expect(try await server.send(.GET, location).status == 404)
      }
    }
  }

  @Test("what was acknowledged is there after a restart, and what was deleted is not")
  func content() async throws {
    try await withTemporaryFolder { folder in
      let layer = Sample.newBytes(1_000)
      let (kept, deleted) = try await LiveServer.run(data: "\(folder)/data") { server in
        let kept = try await server.pushImage(to: "a", as: "kept", layers: [layer])
        let deleted = try await server.pushImage(to: "a", as: "deleted", extra: #","annotations":{"a":"b"}"#)
        try await server.send(.DELETE, "/v2/a/manifests/\(deleted.digest)")
        return (kept, deleted)
      }
      try await LiveServer.run(data: "\(folder)/data") { server async throws in
        #expect(try await server.send(.GET, "/v2/a/manifests/kept").body == kept.bytes)
        #expect(try await server.send(.GET, "/v2/a/blobs/\(Digest.of(layer))").body == layer)
        #expect(try await server.send(.GET, "/v2/a/manifests/deleted").status == 404)
        #expect(try await server.send(.GET, "/v2/a/manifests/\(deleted.digest)").status == 404)
      }
    }
  }
}
