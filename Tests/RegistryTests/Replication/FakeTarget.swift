import Catalog
import Locks
import OCI
import TestSupport

@testable import Registry

/// A target that keeps in memory which digest stands under which reference, and fails when it is told to.
final class FakeTarget: ReplicationTarget {
  struct Place: Hashable {
    let repository: RepositoryName
    let reference: Reference
  }

  private struct State {
    var content: [Place: Digest] = [:]
    var failure: UpstreamFailure?
    var requests = 0
    var copies: [Place] = []
    var deletesTags = true
  }

  private let registry: Registry
  private let state = Locked(State())

  /// - Parameter registry: what is copied from.
  init(_ registry: Registry) {
    self.registry = registry
  }

  /// What it fails with, whatever it is asked; nil where it answers.
  var failure: UpstreamFailure? {
    get { state.withLock { $0.failure } }
    set { state.withLock { $0.failure = newValue } }
  }

  var deletesTags: Bool {
    get { state.withLock { $0.deletesTags } }
    set { state.withLock { $0.deletesTags = newValue } }
  }

  /// How often it was asked for anything.
  var requests: Int { state.withLock { $0.requests } }

  /// What was copied to it, in order.
  var copies: [Reference] { state.withLock { $0.copies.map(\.reference) } }

  subscript(tag: String, in repository: String = "team/app") -> Digest? {
    get { state.withLock { $0.content[Place(repository: .named(repository), reference: .tag(.named(tag)))] } }
    set {
      state.withLock { $0.content[Place(repository: .named(repository), reference: .tag(.named(tag)))] = newValue }
    }
  }

  func has(_ digest: Digest, in repository: String = "team/app") -> Bool {
    state.withLock { $0.content[Place(repository: .named(repository), reference: .digest(digest))] != nil }
  }

  func forget(_ digest: Digest, in repository: String = "team/app") {
    state.withLock { $0.content[Place(repository: .named(repository), reference: .digest(digest))] = nil }
  }

  private func answer<Answer>(_ body: (inout State) -> Answer) throws(UpstreamFailure) -> Answer {
    try state.withLock { state throws(UpstreamFailure) in
      state.requests += 1
      if let failure = state.failure { throw failure }
      return body(&state)
    }
  }

  func digest(of reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest? {
    try answer { $0.content[Place(repository: repository, reference: reference)] }
  }

  func tags(in repository: RepositoryName) async throws(UpstreamFailure) -> [Tag] {
    try answer { state in
      state.content.keys.compactMap { place in
        if place.repository == repository, case .tag(let tag) = place.reference { tag } else { nil }
      }
    }
  }

  func copy(
    _ reference: Reference, of repository: RepositoryName, to name: RepositoryName, withReferrers: Bool
  ) async throws(UpstreamFailure) -> ReplicationCopy {
    let stored: StoredManifest
    var referrers: [Digest] = []
    do {
      stored = try await registry.manifest(reference, in: repository)
      if withReferrers {
        referrers = try await registry.referrers(
          to: stored.digest, in: repository, artifactType: nil, after: nil, limit: 100
        ).elements.map(\.digest)
      }
    } catch {
      throw UpstreamFailure(.wrong, "\(error)")
    }
    let brought = referrers
    return try answer { state in
      let place = Place(repository: name, reference: reference)
      let wasThere = state.content[place] == stored.digest
      state.copies.append(place)
      state.content[place] = stored.digest
      for digest in brought + [stored.digest] {
        state.content[Place(repository: name, reference: .digest(digest))] = digest
      }
      return ReplicationCopy(digest: stored.digest, bytes: 1, wasThere: wasThere)
    }
  }

  func delete(_ tag: Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion {
    try answer { state in
      guard state.deletesTags else { return .unsupported("cannot delete a tag alone") }
      let place = Place(repository: repository, reference: .tag(tag))
      return state.content.removeValue(forKey: place) == nil ? .absent : .deleted
    }
  }

  func delete(referrer: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion {
    try answer { state in
      let place = Place(repository: repository, reference: .digest(referrer))
      return state.content.removeValue(forKey: place) == nil ? .absent : .deleted
    }
  }
}

/// A registry that is replicated, with a clock that stands still until a test moves it.
struct ReplicationOnDisk: Sendable {
  let disk: RegistryOnDisk
  let target: FakeTarget
  let replication: Replication
  private let clock: Locked<Timestamp>

  static let name = try! ReplicationRuleName(parsing: "rule")

  /// A rule over `team/*`.
  static func rule(
    tags: [String] = [], labels: [String: String] = [:], onPush: Bool = true, schedule: Duration? = nil,
    deletes: Bool = false, referrers: Bool = true, named name: ReplicationRuleName = Self.name
  ) throws -> ReplicationRule {
    ReplicationRule(
      name: name, target: "there", repositories: [try Glob("team/*")],
      tags: ReplicationRule.Tags(including: try tags.map { try Glob($0) }),
      labels: try labels.mapValues { try Glob($0) }, onPush: onPush, schedule: schedule, deletes: deletes,
      referrers: referrers)
  }

  static func run(_ rules: ReplicationRule..., body: (ReplicationOnDisk) async throws -> Void) async throws {
    try await RegistryOnDisk.run { disk in
      let scene = ReplicationOnDisk(
        disk, FakeTarget(disk.registry), Locked(Timestamp(milliseconds: 1_000_000)), disk.registry)
      try await scene.replication.follow(rules, targets: ["there": scene.target])
      try await scene.replication.begin()
      try await body(scene)
    }
  }

  private init(_ disk: RegistryOnDisk, _ target: FakeTarget, _ clock: Locked<Timestamp>, _ registry: Registry) {
    (self.disk, self.target, self.clock) = (disk, target, clock)
    replication = Replication(
      registry: registry, isMirror: { $0.value == "team/mirror" }, now: { clock.withLock { $0 } }, jitter: { 1 },
      report: { _ in })
  }

  /// As the next process has it, on the same catalogue.
  func restarted(_ rules: ReplicationRule...) async throws -> ReplicationOnDisk {
    let next = ReplicationOnDisk(disk, target, clock, disk.restarted())
    try await next.replication.follow(rules, targets: ["there": target])
    try await next.replication.begin()
    return next
  }

  /// Carries out all that is due, and what that leads to.
  func settle() async {
    while true {
      let work = await replication.nextWork()
      if work.isEmpty { return }
      for one in work { await replication.carryOut(one) }
    }
  }

  func wait(_ duration: Duration) { clock.withLock { $0 = $0 + duration } }

  var jobs: [ReplicationJob] {
    get async throws { try await replication.jobs(of: Self.name, after: nil, limit: 1_000).elements }
  }
}
