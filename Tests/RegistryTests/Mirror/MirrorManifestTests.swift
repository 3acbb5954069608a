import Catalog
import Locks
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("Manifests of a mirror", .timeLimit(.minutes(10)))
struct MirrorManifestTests {
  @Test("are fetched once, byte for byte, and served from here from then on")
  func fetchedOnce() async throws {
    try await MirrorOnDisk.run { mirror in
      let image = mirror.upstream.add(["config", "layer"], as: "latest")
      let first = try await mirror.pull("latest")
      #expect(first.manifest.bytes == image.bytes && first.manifest.digest == image.digest && !first.isStale)
      #expect(first.manifest.mediaType == image.mediaType)
      #expect(try await mirror.pull("latest").manifest == first.manifest)
      #expect(try await mirror.pull(image.digest).manifest == first.manifest)
      #expect(mirror.upstream.count(.manifest) == 1 && mirror.upstream.count(.tag) == 0)
      let totals = try #require(mirror.mirror.totals[.dockerHub])
      #expect(totals.hits == 2 && totals.misses == 1 && totals.requests == 1 && totals.failures == 0)
    }
  }

  @Test("are fetched once for all who ask at the same time")
  func shared() async throws {
    try await MirrorOnDisk.run { mirror in
      let image = mirror.upstream.add(["config"], as: "latest")
      let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
        for _ in 0..<50 { group.addTask { try await mirror.pull("latest").manifest.digest } }
        return try await group.reduce(into: Set<Digest>()) { $0.insert($1) }
      }
      #expect(digests == [image.digest])
      #expect(mirror.upstream.count(.manifest) == 1)
    }
  }

  @Test("of a tag are looked at again after a time, by HEAD where nothing has changed")
  func revalidated() async throws {
    try await MirrorOnDisk.run { mirror in
      let old = mirror.upstream.add(["old"], as: "latest")
      _ = try await mirror.pull("latest")
      mirror.time.advance(by: .seconds(299))
      _ = try await mirror.pull("latest")
      #expect(mirror.upstream.count(.tag) == 0)
      mirror.time.advance(by: .seconds(1))
      for _ in 0..<3 { #expect(try await mirror.pull("latest").manifest.digest == old.digest) }
      #expect(mirror.upstream.count(.tag) == 1 && mirror.upstream.count(.manifest) == 1)

      let new = mirror.upstream.add(["new"], as: "latest")
      mirror.time.advance(by: .seconds(300))
      #expect(try await mirror.pull("latest").manifest.digest == new.digest)
      #expect(try await mirror.pull(old.digest).manifest.digest == old.digest)
      #expect(mirror.upstream.count(.tag) == 2 && mirror.upstream.count(.manifest) == 2)

      mirror.upstream.add(old, as: "latest")
      mirror.time.advance(by: .seconds(300))
      #expect(try await mirror.pull("latest").manifest.digest == old.digest)
      #expect(mirror.upstream.count(.manifest) == 2, "a manifest that is here is not fetched again")
    }
  }

  @Test(
    "are served stale while the upstream fails, which is left alone meanwhile",
    arguments: [
      UpstreamFailure(.unavailable, "down"), UpstreamFailure(.limited, "429", retryAfter: .seconds(600)),
      UpstreamFailure(.wrong, "no manifest"), UpstreamFailure(.refused, "401"),
    ])
  func stale(_ failure: UpstreamFailure) async throws {
    try await MirrorOnDisk.run { mirror in
      let image = mirror.upstream.add(["config"], as: "latest")
      _ = try await mirror.pull("latest")
      mirror.time.advance(by: .seconds(300))
      mirror.upstream.change { $0.failure = failure }
      for _ in 0..<5 {
        let pulled = try await mirror.pull("latest")
        #expect(pulled.isStale && pulled.manifest.digest == image.digest)
      }
      #expect(try await !mirror.pull(image.digest).isStale)
      if failure.kind == .unavailable || failure.kind == .limited {
        #expect(mirror.upstream.count(.tag) == 1, "there is no storm of requests")
      }
      #expect(mirror.mirror.totals[.dockerHub]?.stale == 5)

      mirror.upstream.change { $0.failure = nil }
      mirror.time.advance(by: .seconds(600))
      #expect(try await !mirror.pull("latest").isStale)
    }
  }

  @Test("that are not here are refused while the upstream fails, with when to ask again")
  func coldFailure() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.change { $0.failure = UpstreamFailure(.limited, "429", retryAfter: .seconds(90)) }
      let first = await expectRefusal(.tooManyRequests) { _ = try await mirror.pull("latest") }
      #expect(first?.detail["retryAfter"] == "90")
      let error = await expectRefusal(.tooManyRequests) { _ = try await mirror.pull("other") }
      #expect(error?.detail["retryAfter"] == "90")
      #expect(mirror.upstream.total == 1)
      mirror.time.advance(by: .seconds(90))
      mirror.upstream.change { $0.failure = UpstreamFailure(.unavailable, "down") }
      let down = await expectRefusal(.unavailable) { _ = try await mirror.pull("latest") }
      #expect(down?.detail["retryAfter"] != nil)
      mirror.time.advance(by: .seconds(600))
      mirror.upstream.change { $0.failure = UpstreamFailure(.refused, "401") }
      await expectRefusal(.manifestUnknown) { _ = try await mirror.pull("latest") }
    }
  }

  @Test("that the upstream does not have are not asked for again for a while")
  func absent() async throws {
    try await MirrorOnDisk.run { mirror in
      for _ in 0..<3 { await expectRefusal(.manifestUnknown) { _ = try await mirror.pull("latest") } }
      #expect(mirror.upstream.total == 1)
      let image = mirror.upstream.add(["config"], as: "latest")
      await expectRefusal(.manifestUnknown) { _ = try await mirror.pull("latest") }
      mirror.time.advance(by: .seconds(30))
      let pulled = try await mirror.pull("latest")
      #expect(pulled.manifest.digest == image.digest)
    }
  }

  @Test("stay by their digests when the upstream's tag is gone")
  func gone() async throws {
    try await MirrorOnDisk.run { mirror in
      let image = mirror.upstream.add(["config"], as: "latest")
      _ = try await mirror.pull("latest")
      mirror.upstream.change { $0.tags = [:] }
      mirror.time.advance(by: .seconds(300))
      await expectRefusal(.manifestUnknown) { _ = try await mirror.pull("latest") }
      #expect(try await mirror.pull(image.digest).manifest.digest == image.digest)
      #expect(try await mirror.disk.registry.tags(in: MirrorOnDisk.repository, after: nil, limit: 9).elements == [])
    }
  }

  @Test("whose bytes are not what the digest says are not taken")
  func wrong() async throws {
    try await MirrorOnDisk.run { mirror in
      let image = mirror.upstream.add(["config"], as: "latest")
      mirror.upstream.change { $0.wrong[image.digest] = Manifest.image(["other"]).bytes }
      await expectRefusal(.unavailable, status: 502) { _ = try await mirror.pull(image.digest) }
      mirror.upstream.change { $0.wrong = [:] }
      let pulled = try await mirror.pull(image.digest)
      #expect(pulled.manifest.bytes == image.bytes)
    }
  }

  @Test("outside of what may be mirrored are refused, and the upstream is not asked")
  func patterns() async throws {
    try await MirrorOnDisk.run(repositories: ["team/*"]) { mirror in
      mirror.upstream.add(["config"], as: "latest")
      await expectRefusal(.manifestUnknown) { _ = try await mirror.pull("latest") }
      #expect(mirror.upstream.total == 0)
    }
  }

  @Test("of a tag that a rule keeps go on being served where the upstream moves or deletes it, which is reported")
  func protected() async throws {
    try await RegistryOnDisk.run { disk in
      let (upstream, time, reports) = (FakeUpstream(), TestTime(), Locked<[ProtectionRefusal]>([]))
      let mirror = MirroredRegistry(
        registry: disk.registry, now: { time.now }, patience: MirrorOnDisk.withoutEnd,
        report: { refusal in reports.withLock { $0.append(refusal) } })
      try await mirror.mirror([.dockerHub(upstream)], absentFor: .seconds(30))
      _ = try await disk.catalog.addRule(.of(["1.*"], of: "docker.io"), by: .somebody)
      let old = upstream.add(["old"], as: "1.0")
      let pull = { try await mirror.manifest(.tag(.named("1.0")), in: MirrorOnDisk.repository) }
      #expect(try await pull().manifest.digest == old.digest)
      let new = upstream.add(["new"], as: "1.0")
      upstream.add(new, as: "latest")
      time.advance(by: .seconds(300))
      for _ in 0..<3 {
        let pulled = try await pull()
        #expect(pulled.manifest.digest == old.digest && !pulled.isStale)
      }
      #expect(
        reports.withLock { $0.map(\.attempt) } == [.move(.named("1.0"), from: old.digest, to: new.digest)],
        "once for each time that the upstream was asked")
      #expect(
        try await mirror.manifest(.tag(.named("latest")), in: MirrorOnDisk.repository).manifest.digest == new.digest)
      upstream.change { $0.tags[.named("library/app")]?[.named("1.0")] = nil }
      time.advance(by: .seconds(300))
      #expect(try await pull().manifest.digest == old.digest)
      #expect(reports.withLock { $0.last?.attempt } == .deleteTag(.named("1.0")))
      await mirror.close()
    }
  }

  @Test("are served stale where the upstream takes longer than a client waits")
  func slow() async throws {
    try await RegistryOnDisk.run { disk in
      let (upstream, time) = (FakeUpstream(), TestTime())
      let mirror = MirroredRegistry(registry: disk.registry, now: { time.now }, patience: {})
      let slow = SlowUpstream(upstream)
      try await mirror.mirror([.dockerHub(slow)], absentFor: .seconds(30))
      upstream.add(["config"], as: "latest")
      _ = try await mirror.manifest(.tag(.named("latest")), in: MirrorOnDisk.repository)
      time.advance(by: .seconds(300))
      let pulled = try await mirror.manifest(.tag(.named("latest")), in: MirrorOnDisk.repository)
      #expect(pulled.isStale)
      slow.answer.send()
      await mirror.close()
    }
  }

  @Test("and their tags, as their history tells, come from the upstream")
  func history() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.add(["config"], as: "latest")
      _ = try await mirror.pull("latest")
      let events = try await mirror.disk.catalog.auditEvents(AuditQuery(limit: 10))
      #expect(events.map(\.action) == [.tagMove])
      #expect(events.map(\.actor.name) == ["mirror of docker.io"])
      let access = try await mirror.disk.catalog.repositoryAccess(MirrorOnDisk.repository)
      #expect(access.visibility == .internal)
    }
  }

  @Test("cannot be pushed")
  func pushes() async throws {
    try await MirrorOnDisk.run { mirror in
      let error = await expectRefusal(.denied) { try mirror.mirror.requireLocal(MirrorOnDisk.repository) }
      #expect(
        error?.message
          == "docker.io/library/app is a mirror of docker.io/library/app; push to a repository outside of docker.io/")
      try mirror.mirror.requireLocal(.named("team/app"))
    }
  }

  @Test("are asked for at the root where no repository here has the name")
  func root() async throws {
    try await MirrorOnDisk.run { mirror in
      let name = RepositoryName.named("team/app")
      let named = { try await mirror.mirror.repository(named: name, namespace: nil, isRead: $0) }
      #expect(try await named(true) == .named("docker.io/team/app"))
      #expect(try await named(false) == name)
      try await mirror.disk.pushImage(["config"], to: name)
      #expect(try await named(true) == name)
      let hub = try await mirror.mirror.repository(named: name, namespace: "docker.io", isRead: true)
      #expect(hub == .named("docker.io/team/app"))
      #expect(try await mirror.mirror.repository(named: name, namespace: "not a host", isRead: true) == name)
    }
  }
}

/// An upstream that takes its time to say what a tag names.
private struct SlowUpstream: Upstream {
  let upstream: FakeUpstream
  let answer = Signal()

  init(_ upstream: FakeUpstream) { self.upstream = upstream }

  func digest(of tag: OCI.Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest? {
    await answer.wait()
    return try await upstream.digest(of: tag, in: repository)
  }

  func manifest(_ reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Manifest? {
    try await upstream.manifest(reference, in: repository)
  }

  func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> Int64? {
    try await upstream.blobSize(digest, in: repository)
  }

  func blob(
    _ digest: Digest, size: Int64, in repository: RepositoryName
  ) async throws(UpstreamFailure) -> (any AsyncSequence<ByteBuffer, any Error> & Sendable)? {
    try await upstream.blob(digest, size: size, in: repository)
  }
}
