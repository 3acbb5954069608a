import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Mounts", .liveServer)
struct MountTests {
  private let server = LiveServer.current
  private let source = LiveServer.newRepository()
  private let target = LiveServer.newRepository()
  private let bytes = Sample.newBytes(1_000)
  private var digest: Digest { Digest.of(bytes) }

  private func mount(_ query: String) async throws -> Reply {
    try await server.send(.POST, "/v2/\(target)/blobs/uploads/?\(query)")
  }

  private func expectUpload(_ reply: Reply) async throws {
    let location = try reply.nextPlace(after: 0)
    #expect(try await server.send(.HEAD, "/v2/\(target)/blobs/\(digest)").status == 404)
    #expect(try await server.send(.PUT, "\(location)?digest=\(digest)", body: bytes).status == 201)
    #expect(try await server.send(.GET, "/v2/\(target)/blobs/\(digest)").body == bytes)
  }

  @Test(
    "a blob of another repository is there at once", arguments: ["from first", "mount first", "no from", "encoded"])
  func mounted(_ form: String) async throws {
    try await server.pushBlob(bytes, to: source)
    let encoded = "sha256%3A\(digest.hex)"
    let query =
      switch form {
      case "from first": "from=\(source)&mount=\(digest)"
      case "mount first": "mount=\(digest)&from=\(source)"
      case "encoded": "mount=\(encoded)&from=\(source.replacing("/", with: "%2F"))"
      default: "mount=\(digest)"
      }
    let reply = try await mount(query)
    #expect(reply.status == 201, "\(reply.text)")
    #expect(reply["Location"] == "/v2/\(target)/blobs/\(digest)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(try await server.send(.GET, "/v2/\(target)/blobs/\(digest)").body == bytes)
  }

  @Test("a mounted blob stays when its source deletes it")
  func independent() async throws {
    try await server.pushBlob(bytes, to: source)
    #expect(try await mount("mount=\(digest)&from=\(source)").status == 201)
    #expect(try await server.send(.DELETE, "/v2/\(source)/blobs/\(digest)").status == 202)
    #expect(try await server.send(.GET, "/v2/\(target)/blobs/\(digest)").body == bytes)
  }

  @Test("where the source does not have the blob, an upload begins")
  func notInSource() async throws {
    try await server.pushBlob(Sample.newBytes(10), to: source)
    try await expectUpload(try await mount("mount=\(digest)&from=\(source)"))
  }

  @Test("where there is no such source, an upload begins")
  func unknownSource() async throws {
    try await expectUpload(try await mount("mount=\(digest)&from=nobody/nothing"))
  }

  @Test("where no repository has the blob, an upload begins")
  func nowhere() async throws {
    try await expectUpload(try await mount("mount=\(digest)"))
  }

  @Test("a blob that its source has deleted is not mounted")
  func deleted() async throws {
    try await server.pushBlob(bytes, to: source)
    #expect(try await server.send(.DELETE, "/v2/\(source)/blobs/\(digest)").status == 202)
    try await expectUpload(try await mount("mount=\(digest)&from=\(source)"))
  }

  @Test("a blob is mounted from the repository itself")
  func itself() async throws {
    try await server.pushBlob(bytes, to: target)
    #expect(try await mount("mount=\(digest)&from=\(target)").status == 201)
  }

  @Test(
    "a mount of what is no digest, or from what is no repository, is refused",
    arguments: [
      ("mount=sha256:abc&from=a", RegistryError.Code.digestInvalid), ("mount=", .digestInvalid),
      ("mount=../../../etc/passwd", .digestInvalid),
      ("mount=sha256:\(String(repeating: "0", count: 64))&from=../a", .nameInvalid),
      ("mount=sha256:\(String(repeating: "0", count: 64))&from=UPPER", .nameInvalid),
      ("mount=sha256:\(String(repeating: "0", count: 64))&from=", .nameInvalid),
    ])
  func malformed(_ query: String, _ code: RegistryError.Code) async throws {
    let reply = try await mount(query)
    #expect(reply.status == 400 && reply.isError(code))
  }
}
