import BlobStorage
import Catalog
import OCI
import Registry
import TestSupport
import Testing

/// A registry on disk that mirrors an upstream in memory, Docker Hub by its name.
struct MirrorOnDisk: Sendable {
  let disk: RegistryOnDisk
  let upstream: FakeUpstream
  let time: TestTime
  let mirror: MirroredRegistry

  /// What the upstream's `library/app` is called here.
  static let repository = RepositoryName.named("docker.io/library/app")

  static func run(
    repositories: [String] = [], _ body: (MirrorOnDisk) async throws -> Void
  ) async throws {
    try await RegistryOnDisk.run { disk in
      let (upstream, time) = (FakeUpstream(), TestTime())
      let mirror = MirroredRegistry(registry: disk.registry, now: { time.now }, patience: withoutEnd)
      try await mirror.mirror(
        [.dockerHub(upstream, repositories: try repositories.map { try Glob($0) })], absentFor: .seconds(30))
      try await body(MirrorOnDisk(disk: disk, upstream: upstream, time: time, mirror: mirror))
      await mirror.close()
      let diagnosis = try await disk.examine()
      #expect(diagnosis.findings.isEmpty, "the doctor finds nothing afterwards")
    }
  }

  /// The patience of a client that waits for as long as the upstream takes.
  @Sendable static func withoutEnd() async {
    // It is over when the upstream has answered, by the end of the task.
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
  }

  func pull(_ tag: String) async throws -> PulledManifest {
    try await mirror.manifest(.tag(.named(tag)), in: Self.repository)
  }

  func pull(_ digest: Digest) async throws -> PulledManifest {
    try await mirror.manifest(.digest(digest), in: Self.repository)
  }

  /// What a client reads of a blob.
  func blob(_ digest: Digest, in repository: RepositoryName = Self.repository) async throws -> [UInt8] {
    try await mirror.blob(digest, in: repository).readToEnd()
  }

  func blob(_ name: String) async throws -> String {
    String(decoding: try await blob(Digest.blob(name)), as: UTF8.self)
  }
}

extension MirrorUpstream {
  static func dockerHub(_ upstream: any Upstream, repositories: [Glob] = []) -> MirrorUpstream {
    MirrorUpstream(
      host: .dockerHub, prefix: .named("docker.io"), isRoot: true, repositories: repositories, visibility: .internal,
      revalidateAfter: .seconds(300), upstream: upstream)
  }
}
