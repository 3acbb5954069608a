import BlobStorage
import Catalog
import Locks
import OCI
import Registry
import TestSupport
import Testing

@Suite("Race: pushes against each other")
struct PushRaceTests {
  private let repository = RegistryOnDisk.repository

  @Test("the same blob from many clients is acknowledged to all and stored once")
  func sameBlob() async throws {
    let content = Sample.bytes(300_000, seed: 1)
    try await RegistryOnDisk.run { disk in
      try await inParallel(12) { client in
        try await disk.push(content, to: .named("team/app-\(client % 4)"))
      }
      #expect(try await disk.storedDigests() == [.of(content)])
      #expect(try await disk.store.stagedUploads().isEmpty)
      for client in 0..<4 {
        #expect(try await disk.pull(.of(content), from: .named("team/app-\(client)")) == content)
      }
      #expect(try await disk.catalog.totals().blobBytes == 300_000)
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("the same tag from many clients names what one of them pushed last")
  func sameTag() async throws {
    let (clients, rounds) = (6, 8)
    let image = { @Sendable (client: Int, round: Int) in
      Manifest.image(["config"], artifactType: "application/\(client).\(round)")
    }
    try await RegistryOnDisk.run { disk in
      try await disk.push("config")
      try await inParallel(clients) { client in
        for round in 0..<rounds { try await disk.push(image(client, round), tags: ["latest"]) }
      }
      let named = try await disk.registry.manifest(.tag(.named("latest")), in: repository)
      #expect((0..<clients).map { image($0, rounds - 1).digest }.contains(named.digest))
      #expect(try await disk.catalog.manifest(.tag(.named("latest")), in: repository) == named)
      #expect(try await disk.registry.tags(in: repository, after: nil, limit: 10).elements == [.named("latest")])
      for client in 0..<clients {
        for round in 0..<rounds { #expect(try await disk.has(image(client, round))) }
      }
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("a tag names the new manifest to whoever asks after the push, however many ask meanwhile")
  func readYourWrites() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("config")
      let isOver = Locked(false)
      try await withThrowingTaskGroup { group in
        for _ in 0..<4 {
          group.addTask {
            while !isOver.withLock({ $0 }) {
              _ = try await disk.has(.tag(.named("latest")))
              // What is in the cache is answered without a pause.
              await Task.yield()
            }
          }
        }
        defer { isOver.withLock { $0 = true } }
        for round in 0..<60 {
          let image = Manifest.image(["config"], artifactType: "application/\(round)")
          try await disk.push(image, tags: ["latest"])
          let named = try await disk.registry.manifest(.tag(.named("latest")), in: repository)
          #expect(named.digest == image.digest)
          if round % 3 == 2 {
            try await disk.delete(image)
            #expect(try await !disk.has(.tag(.named("latest"))))
            #expect(try await !disk.has(image))
          }
        }
        isOver.withLock { $0 = true }
        try await group.waitForAll()
      }
    }
  }

  @Test("many clients that delete and push one tag leave it whole or gone")
  func deleteAndPush() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("config")
      try await inParallel(6) { client in
        let image = Manifest.image(["config"], artifactType: "application/\(client)")
        for _ in 0..<8 {
          try await disk.push(image, tags: ["latest"])
          // Another client may have been faster.
          try? await disk.registry.deleteManifest(.tag(.named("latest")), from: repository, by: .somebody)
          try? await disk.delete(image)
        }
      }
      #expect(try await !disk.has(.tag(.named("latest"))))
      #expect(try await disk.examine().findings.isEmpty)
    }
  }
}
