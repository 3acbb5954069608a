import BlobStorage
import Catalog
import Locks
import OCI
import Registry
import TestSupport
import Testing

@Suite("The collector")
struct CollectorTests {
  @Test("takes a blob that no manifest needs, and keeps one that a manifest needs")
  func unlinked() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("forgotten")
      try await disk.pushImage(["config", "layer"])
      let report = try await disk.collector.collect(.asIfLater)
      #expect(report.blobs == 1 && report.bytes == 9 && report.manifests == 0)
      #expect(try await disk.pull("forgotten") == nil)
      #expect(try await disk.storedDigests() == [.blob("config"), .blob("layer")])
      #expect(try await disk.collector.collect(.asIfLater) == Collector.Report())
    }
  }

  @Test("keeps what has not waited for the grace time yet")
  func grace() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("new")
      #expect(try await disk.collector.collect(.patient) == Collector.Report())
      #expect(try await disk.pull("new") == "new")
    }
  }

  enum Touch: CaseIterable {
    case push, mount, head
  }

  @Test("keeps a candidate that was touched after it was put in the queue", arguments: Touch.allCases)
  func touched(by touch: Touch) async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.push("idle")
      try await disk.push("touched")
      let moment = await disk.moment()
      var place = RegistryOnDisk.repository
      switch touch {
      case .push: try await disk.push("touched")
      case .mount:
        place = .named("team/other")
        #expect(try await disk.registry.mountBlob(.blob("touched"), from: RegistryOnDisk.repository, to: place))
      case .head: #expect(try await disk.registry.blobSize(.blob("touched"), in: place) == 7)
      }
      _ = try await disk.catalog.reviewLinks(waitingSince: moment, limit: 100)
      #expect(try await disk.collector.collect(.patient).blobs == 1)
      #expect(try await disk.storedDigests() == [.blob("touched")])
      #expect(try await disk.pull("touched", from: place) == "touched")
    }
  }

  @Test("takes the blobs of a deleted manifest but those that another manifest or repository has")
  func deletedManifest() async throws {
    try await RegistryOnDisk.run { disk in
      let other = RepositoryName.named("team/other")
      let deleted = try await disk.pushImage(["config", "own", "shared", "elsewhere"], tags: ["1", "2"])
      let kept = try await disk.pushImage(["config", "shared"])
      #expect(try await disk.registry.mountBlob(.blob("elsewhere"), from: RegistryOnDisk.repository, to: other))
      let elsewhere = try await disk.pushImage(["config", "elsewhere"], to: other)
      try await disk.delete(deleted)
      let report = try await disk.collector.collect(.asIfLater)
      #expect(report.manifests == 1 && report.links == 2 && report.blobs == 1)
      #expect(try await disk.storedDigests() == [.blob("config"), .blob("shared"), .blob("elsewhere")])
      #expect(try await disk.pull("elsewhere") == nil)
      #expect(try await disk.pull("elsewhere", from: other) == "elsewhere")
      #expect(try await disk.has(kept))
      #expect(try await disk.has(elsewhere, in: other))
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("keeps a deleted manifest that was pushed again, with its blobs")
  func pushedAgain() async throws {
    try await RegistryOnDisk.run { disk in
      let image = try await disk.pushImage(["config", "layer"], tags: ["latest"])
      try await disk.delete(image)
      #expect(try await !disk.has(image))
      try await disk.push(image, tags: ["latest"])
      #expect(try await disk.collector.collect(.asIfLater).blobs == 0)
      #expect(try await disk.has(.tag(.named("latest"))))
      #expect(try await disk.pull("layer") == "layer")
    }
  }

  @Test("keeps manifests without a tag where no policy says that they go")
  func untaggedStay() async throws {
    try await RegistryOnDisk.run { disk in
      let image = try await disk.pushImage(["config", "layer"])
      #expect(try await disk.collector.collect(.asIfLater) == Collector.Report())
      #expect(try await disk.has(image))
    }
  }

  @Test("takes manifests without a tag by the policy, and keeps entries of indexes and referrers of what is there")
  func untaggedPolicy() async throws {
    try await RegistryOnDisk.run { disk in
      let child = try await disk.pushImage(["config", "child"])
      let index = try await disk.push(Manifest.index([child]), tags: ["multi"])
      let signature = try await disk.pushImage(["config", "signature"], subject: index)
      let attestation = try await disk.pushImage(["config", "attestation"], subject: signature)
      let old = try await disk.pushImage(["config", "old"], tags: ["latest"])
      let new = try await disk.pushImage(["config", "new"], tags: ["latest"])
      // It is in the cache from here on.
      #expect(try await disk.has(old))

      #expect(try await disk.collector.collect(.untagged).manifests == 1)
      for kept in [child, index, signature, attestation, new] { #expect(try await disk.has(kept)) }
      #expect(try await !disk.has(old))
      #expect(try await disk.pull("old") == nil)

      try await disk.registry.deleteManifest(.tag(.named("multi")), from: RegistryOnDisk.repository, by: .somebody)
      while try await disk.collector.collect(.untagged).manifests > 0 {}
      for gone in [child, index, signature, attestation] { #expect(try await !disk.has(gone)) }
      #expect(try await disk.storedDigests() == [.blob("config"), .blob("new")])
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("takes what was forecast, and nothing else", arguments: [Collector.Policy.asIfLater, .untagged])
  func forecast(_ policy: Collector.Policy) async throws {
    try await RegistryOnDisk.run(batch: 3) { disk in
      try await disk.push("forgotten")
      for number in 0..<10 {
        let image = try await disk.pushImage(
          ["config", "layer \(number)", "shared \(number % 3)"], tags: ["\(number)"])
        if number < 4 { try await disk.delete(image) }
      }
      let child = try await disk.pushImage(["config", "child"])
      try await disk.push(Manifest.index([child]))
      let before = try await disk.storedDigests()

      let forecast = try await disk.collector.forecast(policy)
      #expect(try await disk.storedDigests() == before)
      var report = Collector.Report()
      while true {
        let step = try await disk.collector.collect(policy)
        if step == Collector.Report() { break }
        report.manifests += step.manifests
        report.blobs += step.blobs
        report.bytes += step.bytes
      }
      #expect(Set(forecast.blobs.map(\.digest)) == before.subtracting(try await disk.storedDigests()))
      #expect(forecast.blobs.reduce(0) { $0 + $1.size } == report.bytes)
      #expect(forecast.blobs.count == report.blobs)
      #expect(forecast.manifests.count == report.manifests)
      #expect(try await disk.collector.forecast(policy).blobs.isEmpty)
    }
  }

  @Test("finishes what an earlier collection was cancelled in")
  func cancelled() async throws {
    try await RegistryOnDisk.run(batch: 4) { disk in
      for number in 0..<40 { try await disk.push("blob \(number)") }
      let collector = disk.collector
      let removed = Locked(0)
      let cancelled = await Task {
        try await collector.collect(.asIfLater) { report in
          removed.withLock { $0 = report.blobs }
          if report.blobs >= 8 { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }.result
      #expect(throws: RegistryError.self) { try cancelled.get() }
      #expect(removed.withLock { $0 } == 8)
      #expect(try await disk.storedDigests().count == 32)
      #expect(!collector.totals.isRunning && collector.totals.runs == 0)
      #expect(try await collector.collect(.asIfLater).blobs == 32)
      #expect(try await disk.storedDigests().isEmpty)
      #expect(collector.totals.taken.blobs == 40 && collector.totals.runs == 1)
    }
  }

  @Test("ends the removals of a process that was killed, so that their digests can be pushed again")
  func resume() async throws {
    try await RegistryOnDisk.run { disk in
      for name in ["a", "b", "c"] { try await disk.push(name) }
      _ = try await disk.catalog.reviewLinks(waitingSince: .farFuture, limit: 10)
      #expect(try await disk.catalog.claimUnlinkedBlobs(limit: 10).count == 3)
      try await disk.store.remove(.blob("a"))

      try await disk.collector.resumeRemovals()
      #expect(try await disk.storedDigests().isEmpty)
      for name in ["a", "b", "c"] {
        try await disk.push(name)
        #expect(try await disk.pull(name) == name)
      }
      #expect(try await disk.examine().findings.isEmpty)
    }
  }
}
