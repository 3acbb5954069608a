import BlobStorage
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("The collector and uploads")
struct CollectedUploadTests {
  private let repository = RegistryOnDisk.repository

  @Test("gives up an upload that nobody went on with")
  func abandoned() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await disk.registry.appendToUpload(
        id, in: repository, range: nil, length: nil, body: requestBody("begun"))
      let silent = try await disk.registry.beginUpload(in: repository)
      #expect(try await disk.collector.collect(.asIfLater).uploads == 2)
      for id in [id, silent] {
        await expectRefusal(.blobUploadUnknown) { _ = try await disk.registry.uploadOffset(id, in: repository) }
      }
      #expect(try await disk.store.stagedUploads().isEmpty)
      #expect(disk.registry.sessions.count == 0)
    }
  }

  @Test("keeps an upload that was gone on with lately")
  func standing() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      _ = try await disk.registry.appendToUpload(
        id, in: repository, range: nil, length: nil, body: requestBody("begun"))
      #expect(try await disk.collector.collect(.patient).uploads == 0)
      #expect(try await disk.registry.uploadOffset(id, in: repository) == 5)
    }
  }

  @Test("keeps an upload that a request is working on")
  func busy() async throws {
    try await RegistryOnDisk.run { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      let (body, source) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      async let end: Void = disk.registry.finishUpload(
        id, in: repository, as: .blob("slow"), range: nil, length: nil, body: body)
      while disk.registry.sessions.count == 0 { await shortPause() }
      #expect(try await disk.collector.collect(.asIfLater).uploads == 0)
      source.yield(ByteBuffer(string: "slow"))
      source.finish()
      try await end
      #expect(try await disk.pull("slow") == "slow")
    }
  }

  @Test("discards staged bytes of which the catalogue knows no upload")
  func unknown() async throws {
    try await RegistryOnDisk.run { disk in
      let upload = try await disk.store.upload(UploadID())
      try await upload.append(ByteBuffer(string: "half a blob"))
      try await upload.flush()
      await upload.close()
      _ = try await disk.collector.collect(.patient)
      #expect(try await disk.store.stagedUploads().count == 1)
      _ = try await disk.collector.collect(.asIfLater)
      #expect(try await disk.store.stagedUploads().isEmpty)
    }
  }

  @Test("takes a blob that a killed process had published and not linked")
  func publishedOnly() async throws {
    try await RegistryOnDisk.run { disk in
      try await publish("leftover", in: disk.store)
      #expect(try await disk.examine().findings.map(\.kind) == [.unknown])
      _ = try await disk.collector.collect(.asIfLater)
      #expect(try await disk.store.stagedUploads().isEmpty)
      #expect(try await disk.storedDigests().isEmpty)
    }
  }

  @Test("keeps a blob that a killed process had published and linked, and discards its staged bytes")
  func publishedAndLinked() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.pushImage(["config", "layer"])
      try await publish("layer", in: disk.store)
      try await disk.push("new")
      try await publish("new", in: disk.store)
      try await disk.push(Manifest.image(["config", "new"]))
      _ = try await disk.collector.collect(.asIfLater)
      #expect(try await disk.store.stagedUploads().isEmpty)
      #expect(try await disk.pull("layer") == "layer")
      #expect(try await disk.pull("new") == "new")
    }
  }

  /// What is left of a push whose process is killed before it tells the catalogue.
  private func publish(_ content: String, in store: FileBlobStore) async throws {
    let upload = try await store.upload(UploadID())
    try await upload.append(ByteBuffer(string: content))
    _ = try await upload.publish(as: .blob(content))
    await upload.close()
  }
}
