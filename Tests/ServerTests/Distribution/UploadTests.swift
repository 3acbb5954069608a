import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Uploads", .liveServer)
struct UploadTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  @Test(
    "a blob comes back as it was pushed, in every style", arguments: UploadStyle.all,
    [(0, Digest.Algorithm.sha256), (1, .sha256), (300_007, .sha256), (0, .sha512), (300_007, .sha512)])
  func roundTrip(_ style: UploadStyle, _ blob: (count: Int, algorithm: Digest.Algorithm)) async throws {
    let bytes = Sample.newBytes(blob.count)
    let digest = Digest.of(bytes, algorithm: blob.algorithm)
    let last = try await style.stage(server, repository, bytes)
    let reply = try await last.send(digest.description)
    #expect(reply.status == 201, "\(reply.text)")
    #expect(reply["Location"] == "/v2/\(repository)/blobs/\(digest)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(reply.body.isEmpty)

    let pulled = try await server.send(.GET, "/v2/\(repository)/blobs/\(digest)")
    #expect(pulled.status == 200)
    #expect(pulled["Content-Length"] == "\(blob.count)")
    #expect(pulled.body == bytes)
    if last.method == .PUT {
      let ended = try await server.send(.GET, last.target)
      #expect(ended.status == 404 && ended.isError(.blobUploadUnknown))
    }
  }

  @Test("a wrong digest is refused in every style, and the upload can be tried again", arguments: UploadStyle.all)
  func wrongDigest(_ style: UploadStyle) async throws {
    let bytes = Sample.newBytes(10_001)
    let (right, wrong) = (Digest.of(bytes), Digest.of(Array("something else".utf8)))
    let last = try await style.stage(server, repository, bytes)
    for _ in 0..<2 {
      let refused = try await last.send(wrong.description)
      #expect(refused.status == 400 && refused.isError(.digestInvalid))
      #expect(refused.text.contains(right.description))
    }
    #expect(try await server.send(.HEAD, "/v2/\(repository)/blobs/\(wrong)").status == 404)
    #expect(try await server.send(.HEAD, "/v2/\(repository)/blobs/\(right)").status == 404)

    #expect(try await last.send(right.description).status == 201)
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(right)").body == bytes)
  }

  @Test(
    "what is no digest is refused in every style, and the upload can be tried again", arguments: UploadStyle.all,
    ["", "sha256:", "sha256:zz", "md5:d41d8cd98f00b204e9800998ecf8427e", "../../etc/passwd"])
  func malformedDigest(_ style: UploadStyle, _ digest: String) async throws {
    let bytes = Sample.newBytes(101)
    let last = try await style.stage(server, repository, bytes)
    let refused = try await last.send(digest)
    #expect(refused.status == 400 && refused.isError(.digestInvalid))
    #expect(try await last.send(Digest.of(bytes).description).status == 201)
  }

  @Test("an upload that ends without a digest is refused, and goes on")
  func missingDigest() async throws {
    let location = try await server.beginUpload(in: repository)
    let refused = try await server.send(.PUT, location, body: [1])
    #expect(refused.status == 400 && refused.isError(.digestInvalid))
    #expect(try await server.send(.PUT, "\(location)?digest=\(Digest.of([1]))", body: [1]).status == 201)
  }

  @Test("5 MiB come whole through chunks of odd lengths")
  func oddChunks() async throws {
    let bytes = Sample.newBytes(5 << 20)
    var chunks: [[UInt8]] = []
    var (start, size) = (0, 1)
    while start < bytes.count {
      let end = min(start + size, bytes.count)
      chunks.append(Array(bytes[start..<end]))
      (start, size) = (end, size * 3 + 1)
    }
    let location = try await server.pushChunks(chunks, to: try await server.beginUpload(in: repository))
    let digest = Digest.of(bytes)
    #expect(try await server.send(.PUT, "\(location)?digest=\(digest)").status == 201)
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(digest)").body == bytes)
  }

  @Test("a blob that is there already is taken again")
  func pushedTwice() async throws {
    let bytes = Sample.newBytes(1_000)
    try await server.pushBlob(bytes, to: repository)
    try await server.pushBlob(bytes, to: repository)
    let digest = try await server.pushBlob(bytes, to: LiveServer.newRepository())
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(digest)").body == bytes)
  }

  @Test("the same blob from many clients at once is acknowledged to each")
  func pushedAtOnce() async throws {
    let bytes = Sample.newBytes(100_003)
    try await withThrowingTaskGroup(of: Digest.self) { group in
      for _ in 0..<16 { group.addTask { try await server.pushBlob(bytes, to: repository) } }
      try await group.waitForAll()
    }
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(Digest.of(bytes))").body == bytes)
  }

  @Test("an upload says how far it is")
  func progress() async throws {
    let location = try await server.beginUpload(in: repository)
    let empty = try await server.send(.GET, location)
    #expect(empty.status == 204)
    #expect(empty["Range"] == "0-0")
    #expect(empty["Location"] == location)
    #expect(empty.body.isEmpty)

    _ = try await server.pushChunks([Sample.newBytes(10)], to: location)
    let begun = try await server.send(.GET, location)
    #expect(begun.status == 204)
    #expect(begun["Range"] == "0-9")
    #expect(try await server.send(.HEAD, location)["Range"] == "0-9")
  }

  @Test("an upload that was given up is gone")
  func cancel() async throws {
    let location = try await server.beginUpload(in: repository)
    _ = try await server.pushChunks([[1, 2, 3]], to: location)
    let deleted = try await server.send(.DELETE, location)
    #expect(deleted.status == 204)
    #expect(deleted.body.isEmpty)
    for (method, target) in [
      (HTTPMethod.GET, location), (.PATCH, location), (.PUT, "\(location)?digest=\(Digest.of([1, 2, 3]))"),
      (.DELETE, location),
    ] {
      let reply = try await server.send(method, target)
      #expect(reply.status == 404 && reply.isError(.blobUploadUnknown), "\(method)")
    }
  }

  @Test("an upload belongs to the repository that it was begun in")
  func otherRepository() async throws {
    let location = try await server.beginUpload(in: repository)
    _ = try await server.pushChunks([[1, 2, 3]], to: location)
    let id = try #require(location.split(separator: "/").last)
    let foreign = "/v2/\(LiveServer.newRepository())/blobs/uploads/\(id)"
    for (method, target) in [
      (HTTPMethod.GET, foreign), (.PATCH, foreign), (.PUT, "\(foreign)?digest=\(Digest.of([1, 2, 3]))"),
      (.DELETE, foreign),
    ] {
      let reply = try await server.send(method, target, body: method == .PATCH ? [4] : nil)
      #expect(reply.status == 404 && reply.isError(.blobUploadUnknown), "\(method)")
    }
    #expect(try await server.send(.PUT, "\(location)?digest=\(Digest.of([1, 2, 3]))").status == 201)
  }

  @Test("an upload goes on, and one that has waited longest too, when more are under way than may be open")
  func manyUploads() async throws {
    let first = try await server.pushChunks([[1, 2]], to: try await server.beginUpload(in: repository))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<1_100 {
        group.addTask { _ = try await server.pushChunks([[1]], to: try await server.beginUpload(in: repository)) }
      }
      try await group.waitForAll()
    }
    let location = try await server.pushChunks([[3]], to: first, from: 2)
    #expect(try await server.send(.PUT, "\(location)?digest=\(Digest.of([1, 2, 3]))").status == 201)
  }
}
