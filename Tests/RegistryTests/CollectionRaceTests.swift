import Catalog
import Locks
import OCI
import Registry
import TestSupport
import Testing

@Suite("Race: the collector against what goes on meanwhile")
struct CollectionRaceTests {
  private let repository = RegistryOnDisk.repository

  @Test("a blob whose manifest was acknowledged is whole, whatever the collector removes meanwhile")
  func pushes() async throws {
    try await RegistryOnDisk.run(batch: 4) { disk in
      try await whileCollecting(disk) {
        try await inParallel(6) { worker in
          for round in 0..<12 {
            // Few contents for all, so that one is pushed while its last copy is being removed.
            let contents = ["config", "layer \((worker + round) % 3)"]
            let image = Manifest.image(contents, artifactType: "application/\(worker)")
            try await untilAccepted {
              for content in contents { try await disk.push(content) }
              try await disk.push(image)
            }
            for content in contents { #expect(try await disk.pull(content) == content) }
            if round < 11 { try await disk.delete(image) }
          }
        }
      }
      for worker in 0..<6 {
        let contents = ["config", "layer \((worker + 11) % 3)"]
        #expect(try await disk.has(Manifest.image(contents, artifactType: "application/\(worker)")))
        for content in contents { #expect(try await disk.pull(content) == content) }
      }
      #expect(try await !disk.examine().hasFaults)
    }
  }

  @Test("a push that comes while the blob's last copy is removed leaves it whole")
  func pushDuringRemoval() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("returns")
      let catalog = disk.catalog
      let isPublished = Signal()
      // The push goes on once the collector has claimed the blob, and had the time to remove it, were it not kept out.
      let slow = HeldPublishing(store: disk.store) {
        isPublished.send()
        while (try? await catalog.blobs(after: nil, limit: 1).isEmpty) == false { await Task.yield() }
        for _ in 0..<2000 { await Task.yield() }
      }
      let registry = Registry(
        blobs: slow, catalog: catalog,
        configuration: Registry.Configuration(collectionGrace: .zero, allowsSparseIndexes: false))
      var policy = Collector.Policy.asIfLater
      policy.uploadExpiry = .seconds(3600)
      let collector = Collector(registry: registry, policy: policy)
      async let report = {
        await isPublished.wait()
        return try await collector.collect(collector.policy)
      }()
      try await registry.pushBlob(.blob("returns"), to: repository, length: nil, body: requestBody("returns"))
      #expect(try await report.blobs == 1)
      #expect(try await disk.pull("returns") == "returns")
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("many clients that push one blob without a pause do not keep its removal from ending")
  func onePopularBlob() async throws {
    try await RegistryOnDisk.run { disk in
      try await whileCollecting(disk) {
        try await inParallel(8) { _ in
          for _ in 0..<12 {
            try await disk.push("popular")
            try? await disk.registry.deleteBlob(.blob("popular"), from: repository, by: .somebody)
          }
        }
      }
      try await disk.push("popular")
      #expect(try await disk.pull("popular") == "popular")
      #expect(try await !disk.examine().hasFaults)
    }
  }

  @Test("a mounted blob whose manifest was acknowledged is whole when its source is collected")
  func mounts() async throws {
    try await RegistryOnDisk.run(batch: 4) { disk in
      try await whileCollecting(disk) {
        try await inParallel(4) { worker in
          let target = RepositoryName.named("team/target-\(worker)")
          for round in 0..<10 {
            let content = "layer \(round)"
            let image = Manifest.image([content])
            try await untilAccepted {
              try await disk.push(content)
              guard try await disk.registry.mountBlob(.blob(content), from: repository, to: target) else { return }
              try await disk.push(image, to: target)
            }
            try? await disk.registry.deleteBlob(.blob(content), from: repository, by: .somebody)
            guard try await disk.has(image, in: target) else { continue }
            #expect(try await disk.pull(content, from: target) == content)
          }
        }
      }
      for worker in 0..<4 {
        let target = RepositoryName.named("team/target-\(worker)")
        for round in 0..<10 where try await disk.has(Manifest.image(["layer \(round)"]), in: target) {
          #expect(try await disk.pull("layer \(round)", from: target) == "layer \(round)")
        }
      }
      #expect(try await !disk.examine().hasFaults)
    }
  }

  @Test("a pull that has begun reads the whole blob while it is deleted, collected and pushed again")
  func pulls() async throws {
    let content = Sample.bytes(300_000, seed: 5)
    try await RegistryOnDisk.run { disk in
      let isOver = Locked(false)
      try await whileCollecting(disk) {
        try await withThrowingTaskGroup { group in
          for _ in 0..<4 {
            group.addTask {
              while !isOver.withLock({ $0 }) {
                if let pulled = try await disk.pull(.of(content)) { #expect(pulled == content) }
              }
            }
          }
          for _ in 0..<25 {
            try await disk.push(content)
            try? await disk.registry.deleteBlob(.of(content), from: repository, by: .somebody)
          }
          isOver.withLock { $0 = true }
          try await group.waitForAll()
        }
      }
      #expect(try await !disk.examine().hasFaults)
    }
  }

  @Test("an open blob stays readable after its bytes were removed")
  func openBlob() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("read me")
      let blob = try await disk.registry.blob(.blob("read me"), in: repository)
      #expect(try await disk.collector.collect(.asIfLater).blobs == 1)
      #expect(try await disk.storedDigests().isEmpty)
      #expect(try await String(decoding: blob.readToEnd(), as: UTF8.self) == "read me")
    }
  }

  /// Collects without a pause while `body` runs.
  private func whileCollecting(_ disk: RegistryOnDisk, _ body: () async throws -> Void) async throws {
    let isOver = Locked(false)
    async let collections: Void = collect(disk, until: isOver)
    defer { isOver.withLock { $0 = true } }
    try await body()
    isOver.withLock { $0 = true }
    try await collections
  }

  private func collect(_ disk: RegistryOnDisk, until isOver: Locked<Bool>) async throws {
    let policy = Collector.Policy(grace: .zero, uploadExpiry: .seconds(3600), untaggedAfter: nil)
    while !isOver.withLock({ $0 }) { _ = try await disk.collector.collect(policy) }
  }

  /// Does what a client does whose blob was collected before the manifest came: pushes it again.
  private func untilAccepted(_ body: () async throws -> Void) async throws {
    while true {
      do {
        return try await body()
      } catch let error as RegistryError where error.code == .manifestBlobUnknown {
        continue
      }
    }
  }
}

/// Runs tasks at the same time, and waits for all.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
  try await withThrowingTaskGroup { group in
    for number in 0..<count { group.addTask { try await body(number) } }
    try await group.waitForAll()
  }
}
