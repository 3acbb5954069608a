import Catalog
import Locks
import OCI
import Registry
import TestSupport
import Testing

@Suite("Readers of changes")
struct ChangeSignalTests {
  @Test("are told of everything that moves a tag or brings one back")
  func told() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.catalog.setStandardTrashWindow(.seconds(86_400))
      let count = Locked(0)
      disk.registry.changes.tell { count.withLock { $0 += 1 } }
      func told(_ change: () async throws -> Void) async throws -> Bool {
        let before = count.withLock { $0 }
        try await change()
        return count.withLock { $0 } > before
      }
      let (name, tag) = (RegistryOnDisk.repository, Tag.named("latest"))
      #expect(try await told { try await disk.pushImage(["first"], tags: ["latest"]) })
      try await disk.pushImage(["second"], tags: ["latest"])
      #expect(
        try await told {
          _ = try await disk.registry.rollBack(Rollback(repository: name, tag: tag, to: .previous, by: .somebody))
        })
      #expect(
        try await told {
          _ = try await disk.registry.promote(
            Promotion(source: name, reference: .tag(tag), to: name, tags: [.named("1.0")], by: .somebody))
        })
      #expect(
        try await told { try await disk.registry.deleteManifest(.tag(tag), from: name, by: .somebody) })
      #expect(
        try await told { _ = try await disk.registry.restore(Restoration(.tag(tag), in: name, by: .somebody)) })
    }
  }
}
