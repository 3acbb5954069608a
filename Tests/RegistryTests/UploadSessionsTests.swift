import BlobStorage
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("Upload sessions")
struct UploadSessionsTests {
  private let repository = RegistryOnDisk.repository

  /// What a later request does to an upload.
  enum Later: CaseIterable {
    case status, chunk, end, cancellation
  }

  @Test("give an upload to a later request when the one before waits for its client", arguments: Later.allCases)
  func takenOver(_ later: Later) async throws {
    try await RegistryOnDisk.run { disk in
      let registry = disk.registry
      let id = try await registry.beginUpload(in: repository)
      let body = StalledBody("first")
      let first = Task {
        try await registry.appendToUpload(id, in: repository, range: nil, length: nil, body: body)
      }
      await body.hasStalled.wait()
      await registry.sessions.closeIdle(since: .now + .seconds(3600))
      switch later {
      case .status: #expect(try await registry.uploadOffset(id, in: repository) == 5)
      case .chunk: #expect(try await append("!", to: id, of: registry) == 6)
      case .end:
        try await finish(id, as: "first!", with: "!", of: registry)
        #expect(try await disk.pull("first!") == "first!")
      case .cancellation:
        try await registry.cancelUpload(id, in: repository)
        #expect(try await disk.store.stagedUploads().isEmpty)
      }
      await expectRefusal(.blobUploadInvalid, status: 409) { _ = try await first.value }
    }
  }

  @Test("take nothing of a last request that a later one took over from")
  func endTakenOver() async throws {
    try await RegistryOnDisk.run { disk in
      let registry = disk.registry
      let id = try await registry.beginUpload(in: repository)
      _ = try await append("ab", to: id, of: registry)
      let body = StalledBody("cd")
      let end = Task {
        try await registry.finishUpload(
          id, in: repository, as: .blob("abcdef"), range: nil, length: nil, body: body)
      }
      await body.hasStalled.wait()
      #expect(try await registry.uploadOffset(id, in: repository) == 2)
      await expectRefusal(.blobUploadInvalid, status: 409) { try await end.value }
      try await finish(id, as: "abef", with: "ef", of: registry)
      #expect(try await disk.pull("abef") == "abef")
    }
  }

  @Test("let one request write at a time, however many take the upload over from each other")
  func manyTakeOver() async throws {
    try await RegistryOnDisk.run { disk in
      let registry = disk.registry
      let id = try await registry.beginUpload(in: repository)
      let outcomes = await withTaskGroup(of: Result<Int64, any Error>.self) { group in
        for _ in 0..<24 {
          group.addTask {
            do {
              return .success(try await append("0123456789", to: id, of: registry))
            } catch {
              return .failure(error)
            }
          }
        }
        return await group.reduce(into: [Result<Int64, any Error>]()) { $0.append($1) }
      }
      for case .failure(let error) in outcomes { #expect((error as? RegistryError)?.status == 409) }
      let offset = try await registry.uploadOffset(id, in: repository)
      let acknowledged = outcomes.compactMap { try? $0.get() }
      #expect(offset % 10 == 0 && acknowledged.allSatisfy { $0 <= offset && $0 % 10 == 0 })
      #expect(Set(acknowledged).count == acknowledged.count && !acknowledged.isEmpty)
      let content = String(repeating: "0123456789", count: Int(offset / 10))
      try await finish(id, as: content, with: "", of: registry)
      #expect(try await disk.pull(content) == content)
    }
  }

  @Test("let a blob be published before a later request is answered")
  func publishing() async throws {
    try await RegistryOnDisk.run { disk in
      let (published, mayGoOn) = (Signal(), Signal())
      let store = HeldPublishing(store: disk.store) {
        published.send()
        await mayGoOn.wait()
      }
      let registry = disk.restarted(on: store)
      let id = try await registry.beginUpload(in: repository)
      let end = Task { try await finish(id, as: "whole", with: "whole", of: registry) }
      await published.wait()
      let status = Task { try await registry.uploadOffset(id, in: repository) }
      await Task.yield()
      mayGoOn.send()
      try await end.value
      await expectRefusal(.blobUploadUnknown) { _ = try await status.value }
      #expect(registry.sessions.count == 0)
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

/// The body of a request whose client sends some bytes and is not heard of again.
private struct StalledBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = any Error

  let text: String
  let hasStalled = Signal()

  init(_ text: String) {
    self.text = text
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: String?
    let hasStalled: Signal

    mutating func next() async throws -> ByteBuffer? {
      if let text = rest.take() { return ByteBuffer(string: text) }
      hasStalled.send()
      await Signal().wait()
      return nil
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: text, hasStalled: hasStalled) }
}
