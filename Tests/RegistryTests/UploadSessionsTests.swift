import BlobStorage
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("Upload sessions")
struct UploadSessionsTests {
  private let repository = RegistryOnDisk.repository

  @Test("answer 409 to a second request while the first one writes")
  func busy() async throws {
    try await RegistryOnDisk.run { disk in
      let registry = disk.registry
      let id = try await registry.beginUpload(in: repository)
      let (body, source) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      async let first = registry.appendToUpload(id, in: repository, range: nil, length: nil, body: body)
      while registry.sessions.count == 0 { await Task.yield() }
      await expectRefusal(.blobUploadInvalid, status: 409) { _ = try await append("x", to: id, of: registry) }
      await expectRefusal(.blobUploadInvalid, status: 409) { _ = try await registry.uploadOffset(id, in: repository) }
      await expectRefusal(.blobUploadInvalid, status: 409) { try await registry.cancelUpload(id, in: repository) }
      await registry.sessions.closeIdle(since: .now + .seconds(3600))
      source.yield(ByteBuffer(string: "first"))
      source.finish()
      #expect(try await first == 5)
      #expect(try await append("!", to: id, of: registry) == 6)
    }
  }

  @Test("go on with an upload that was closed while nobody used it")
  func idle() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: disk.registry)
      await disk.registry.sessions.closeIdle(since: .now + .seconds(3600))
      #expect(disk.registry.sessions.count == 0)
      #expect(try await append("cd", to: id, of: disk.registry) == 4)
      try await finish(id, as: "abcdef", with: "ef", of: disk.registry)
      #expect(try await disk.pull("abcdef") == "abcdef")
    }
  }

  @Test("go on with an upload of an earlier process at the byte it had")
  func restarted() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: disk.registry)
      let next = disk.restarted()
      #expect(try await next.uploadOffset(id, in: repository) == 2)
      try await finish(id, as: "abcd", with: "cd", of: next)
      #expect(try await disk.pull("abcd") == "abcd")
    }
  }

  @Test("keep what came before a body broke off")
  func brokenBody() async throws {
    struct ConnectionReset: Error {}
    try await RegistryOnDisk.run { disk in
      let registry = disk.registry
      let id = try await registry.beginUpload(in: repository)
      let (body, source) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      source.yield(ByteBuffer(string: "came"))
      source.finish(throwing: ConnectionReset())
      await #expect(throws: RegistryError.self) {
        _ = try await registry.appendToUpload(id, in: repository, range: nil, length: nil, body: body)
      }
      #expect(try await registry.uploadOffset(id, in: repository) == 4)
    }
  }

  @Test("leave an upload as it was when its end names another digest")
  func wrongDigest() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: disk.registry)
      await expectRefusal(.digestInvalid) { try await finish(id, as: "other", with: "cd", of: disk.registry) }
      #expect(try await disk.registry.uploadOffset(id, in: repository) == 2)
      try await finish(id, as: "abcd", with: "cd", of: disk.registry)
      #expect(try await disk.pull("abcd") == "abcd")
      #expect(disk.registry.sessions.count == 0)
    }
  }

  @Test("know an upload in the repository that it was begun in alone")
  func otherRepository() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: disk.registry)
      await expectRefusal(.blobUploadUnknown) {
        _ = try await disk.registry.uploadOffset(id, in: .named("team/other"))
      }
      #expect(try await disk.registry.uploadOffset(id, in: repository) == 2)
    }
  }

  @Test("forget an upload that was cancelled, and its bytes")
  func cancelled() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: disk.registry)
      try await disk.registry.cancelUpload(id, in: repository)
      await expectRefusal(.blobUploadUnknown) { _ = try await append("cd", to: id, of: disk.registry) }
      #expect(try await disk.store.stagedUploads().isEmpty)
      #expect(disk.registry.sessions.count == 0)
    }
  }

  private func append(_ text: String, to id: UploadID, of registry: Registry) async throws -> Int64 {
    try await registry.appendToUpload(id, in: repository, range: nil, length: nil, body: requestBody(text))
  }

  private func finish(_ id: UploadID, as content: String, with text: String, of registry: Registry) async throws {
    try await registry.finishUpload(
      id, in: repository, as: .blob(content), range: nil, length: nil, body: requestBody(text))
  }
}
