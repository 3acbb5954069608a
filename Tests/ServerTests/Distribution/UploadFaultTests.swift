import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Chunks that do not fit", .liveServer)
struct UploadFaultTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()
  private let bytes = Sample.newBytes(30)

  /// An upload of the first ten bytes.
  private func tenBytes() async throws -> String {
    try await server.pushChunks([Array(bytes[..<10])], to: try await server.beginUpload(in: repository))
  }

  /// The upload is at ten bytes, and the other twenty make it whole.
  private func expectUsable(_ location: String) async throws {
    #expect(try await server.send(.GET, location)["Range"] == "0-9")
    let next = try await server.pushChunks([Array(bytes[10..<20])], to: location, from: 10)
    let reply = try await server.send(
      .PUT, "\(next)?digest=\(Digest.of(bytes))", [("Content-Range", "20-29")], body: Array(bytes[20...]))
    #expect(reply.status == 201, "\(reply.text)")
    #expect(try await server.send(.GET, "/v2/\(repository)/blobs/\(Digest.of(bytes))").body == bytes)
  }

  private func target(_ method: HTTPMethod, _ location: String) -> String {
    method == .PUT ? "\(location)?digest=\(Digest.of(bytes))" : location
  }

  @Test(
    "a chunk out of order is refused with the place to go on from, and leaves the upload usable",
    arguments: [HTTPMethod.PATCH, .PUT], [0, 5, 9, 11, 20, 1 << 40])
  func outOfOrder(_ method: HTTPMethod, _ first: Int) async throws {
    let location = try await tenBytes()
    let reply = try await server.send(
      method, target(method, location), [("Content-Range", "\(first)-\(first + 9)")], body: Array(bytes[10..<20]))
    #expect(reply.status == 416 && reply.isError(.rangeInvalid))
    #expect(reply["Range"] == "0-9")
    #expect(reply["Location"] == location)
    #expect(reply.text.contains("10"))
    try await expectUsable(location)
  }

  @Test("a first chunk that is not the first is refused, and leaves the upload usable")
  func gapAtTheBeginning() async throws {
    let location = try await server.beginUpload(in: repository)
    let reply = try await server.send(.PATCH, location, [("Content-Range", "1-3")], body: [1, 2, 3])
    #expect(reply.status == 416)
    #expect(reply["Range"] == "0-0")
    #expect(reply["Location"] == location)
    let next = try await server.pushChunks([[1, 2, 3]], to: location)
    #expect(try await server.send(.PUT, "\(next)?digest=\(Digest.of([1, 2, 3]))").status == 201)
  }

  @Test(
    "a chunk of another size than its place says is refused, and none of it is kept",
    arguments: [HTTPMethod.PATCH, .PUT], [(0, false), (9, false), (11, false), (1, true), (9, true), (11, true)])
  func wrongSize(_ method: HTTPMethod, _ chunk: (count: Int, isStreamed: Bool)) async throws {
    let location = try await tenBytes()
    let body = Array(bytes[10..<10 + chunk.count])
    let headers = [("Content-Range", "10-19")]
    let reply =
      chunk.isStreamed
      ? try await server.stream(method, target(method, location), headers, pieces: [body])
      : try await server.send(method, target(method, location), headers, body: body)
    #expect(reply.status == 400 && reply.isError(.sizeInvalid))
    try await expectUsable(location)
  }

  @Test(
    "a place that is no range is refused, and leaves the upload usable", arguments: [HTTPMethod.PATCH, .PUT],
    ["", "10", "10-", "-10", "19-10", "a-b", "bytes=*", "10-19-20", "0x10-0x19", "10-99999999999999999999"])
  func malformedRange(_ method: HTTPMethod, _ range: String) async throws {
    let location = try await tenBytes()
    let reply = try await server.send(
      method, target(method, location), [("Content-Range", range)], body: Array(bytes[10..<20]))
    #expect(reply.status == 400 && reply.isError(.blobUploadInvalid))
    try await expectUsable(location)
  }

  @Test("a last chunk with the wrong digest is not kept, and can be sent again")
  func lastChunkAgain() async throws {
    let location = try await tenBytes()
    let refused = try await server.send(
      .PUT, "\(location)?digest=\(Digest.of([]))", [("Content-Range", "10-29")], body: Array(bytes[10...]))
    #expect(refused.status == 400 && refused.isError(.digestInvalid))
    try await expectUsable(location)
  }

  @Test("HTTP's own form of a place is understood")
  func bytesUnit() async throws {
    let location = try await tenBytes()
    let reply = try await server.send(
      .PUT, "\(location)?digest=\(Digest.of(bytes))", [("Content-Range", "bytes 10-29/30")], body: Array(bytes[10...]))
    #expect(reply.status == 201)
  }
}
