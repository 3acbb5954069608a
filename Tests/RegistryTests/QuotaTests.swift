import BlobStorage
import Catalog
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("Quotas of a registry")
struct QuotaTests {
  private let repository = RegistryOnDisk.repository

  private func withQuota(_ limit: Int64, _ body: (RegistryOnDisk) async throws -> Void) async throws {
    try await RegistryOnDisk.run { disk in
      _ = try await disk.catalog.setQuota(limit, of: .repository(repository), by: .somebody)
      try await body(disk)
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("a body that says that it is longer than there is room for is refused before it is read, and its upload ends")
  func refusesSaidLength() async throws {
    try await withQuota(10) { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      let unread = AsyncThrowingStream<ByteBuffer, any Error> {
        Issue.record("the body was read"); return nil
      }
      let refusal = await expectRefusal(.denied) {
        _ = try await disk.registry.appendToUpload(id, in: repository, range: nil, length: 11, body: unread)
      }
      #expect(refusal?.message.contains("team/app has 0 B of its quota of 10 B, and this takes 11 B more") == true)
      #expect(refusal?.detail["quota"] == "team/app")
      await expectRefusal(.blobUploadUnknown) { _ = try await disk.registry.uploadOffset(id, in: repository) }
      #expect(try await disk.store.stagedUploads().isEmpty)
    }
  }

  @Test("a body that does not say how long it is ends where there is no room, and no more of it is stored")
  func stopsEarly() async throws {
    try await withQuota(10) { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      let pieces = requestBody(Array("12345".utf8), Array("67890".utf8), Array("1".utf8))
      await expectRefusal(.denied) {
        _ = try await disk.registry.appendToUpload(id, in: repository, range: nil, length: nil, body: pieces)
      }
      #expect(try await disk.store.stagedUploads().isEmpty)
      await expectRefusal(.denied) { try await disk.push("12345678901") }
      #expect(try await disk.storedDigests().isEmpty)
      try await disk.push("1234567890")
      await expectRefusal(.denied) { _ = try await disk.registry.beginUpload(in: repository) }
      try await disk.push("1234567890")
    }
  }

  @Test("an upload that began before the quota was raised goes on within the new one")
  func followsRaisedQuota() async throws {
    try await withQuota(10) { disk in
      let id = try await disk.registry.beginUpload(in: repository)
      let offset = try await disk.registry.appendToUpload(
        id, in: repository, range: nil, length: nil, body: requestBody("12345"))
      #expect(offset == 5)
      _ = try await disk.catalog.setQuota(12, of: .repository(repository), by: .somebody)
      try await disk.registry.finishUpload(
        id, in: repository, as: .blob("123456789012"), range: nil, length: nil, body: requestBody("6789012"))
      #expect(try await disk.pull("123456789012") == "123456789012")
    }
  }

  @Test("of uploads that go on at the same time those that fit are stored, and the bytes of others are collected")
  func concurrentUploads() async throws {
    try await withQuota(10) { disk in
      let contents = ["aaaaaa", "bbbbbb"]
      var ids: [UploadID] = []
      for content in contents {
        let id = try await disk.registry.beginUpload(in: repository)
        _ = try await disk.registry.appendToUpload(
          id, in: repository, range: nil, length: nil, body: requestBody(content))
        ids.append(id)
      }
      try await disk.registry.finishUpload(
        ids[0], in: repository, as: .blob(contents[0]), range: nil, length: 0, body: requestBody())
      let refusal = await expectRefusal(.denied) {
        try await disk.registry.finishUpload(
          ids[1], in: repository, as: .blob(contents[1]), range: nil, length: 0, body: requestBody())
      }
      #expect(refusal?.detail["used"] == "6")
      #expect(try await disk.store.stagedUploads().isEmpty)
      _ = try await disk.collector.collect(.patient)
      #expect(try await disk.storedDigests() == [.blob(contents[0])])
    }
  }

  @Test("who is refused is told in the audit trail, once")
  func notes() async throws {
    try await withQuota(3) { disk in
      for _ in 0..<2 {
        let refusal = await expectRefusal(.denied) { try await disk.push("1234") }
        try await disk.registry.noteExceeded(try #require(refusal), by: .somebody)
      }
      try await disk.registry.noteExceeded(RegistryError(.denied, "something else"), by: .somebody)
      let events = try await disk.catalog.auditEvents(AuditQuery(limit: 10)).filter { $0.action == .quotaExceeded }
      #expect(events.map(\.detail["needed"]) == ["4"])
    }
  }
}
