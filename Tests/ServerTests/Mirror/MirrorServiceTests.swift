import BlobStorage
import Catalog
import Locks
import Logging
import NIOCore
import OCI
import Registry
import RegistryClient
import TestSupport
import Testing

@testable import Server

@Suite("The service of a mirror", .timeLimit(.minutes(10)))
struct MirrorServiceTests {
  private static let repository = RepositoryName.named("upstream.test/team/app")

  @Test("lets go of what is too much, and of its bytes without waiting for the grace time")
  func limit() async throws {
    try await withTemporaryFolder { path in
      try await LiveServer.run { upstream in
        let layers = [Sample.newBytes(1_000), Sample.newBytes(1_000)]
        for (tag, layer) in zip(["old", "new"], layers) {
          try await upstream.pushImage(to: "team/app", as: tag, layers: [layer])
        }
        let folder = try await DataFolder(path: "\(path)/data")
        let registry = Registry(
          blobs: folder.blobs, catalog: folder.catalog,
          configuration: Registry.Configuration(collectionGrace: .seconds(3600), allowsSparseIndexes: false))
        let time = Locked(Timestamp.now)
        let mirror = MirroredRegistry(registry: registry, now: { time.withLock { $0 } })
        let clients = MirrorClients(through: .none)
        let file = try MirrorFile(yaml: Array(MirrorPair.file(upstream, "").utf8))
        try await mirror.mirror(try clients.upstreams(of: file), absentFor: file.absentFor)
        for (tag, layer) in zip(["old", "new"], layers) {
          time.withLock { $0 = .now }
          _ = try await mirror.manifest(.tag(.named(tag)), in: Self.repository)
          let blob = try await mirror.blob(Digest.of(layer), in: Self.repository)
          #expect(try await Array(blob.read(from: 0, count: 2_000).readableBytesView) == layer)
          await blob.close()
        }

        // The collector's clock is the system's: what was let go of counts as having waited for the registry's grace time.
        let collector = Collector(
          registry: registry, policy: Collector.Policy(grace: .zero, uploadExpiry: .seconds(3600), untaggedAfter: nil))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let service = MirrorService(
          mirror: mirror, collector: collector, limit: ByteCount(bytes: 1_500), applyChanges: {}, logger: logger)
        try await service.keepWithinLimit()
        #expect(collector.totals.taken.manifests == 0, "what was pulled a moment ago is in use")
        time.withLock { $0 = $0 + .seconds(1200) }
        try await service.keepWithinLimit()
        #expect(collector.totals.taken.manifests == 1)
        #expect(try await mirror.mirroredBytes() == 1_000)
        #expect(try await registry.tags(in: Self.repository, after: nil, limit: 9).elements == [.named("new")])
        await mirror.close()
        try await clients.shutdown()
        try await folder.close()
      }
    }
  }
}
