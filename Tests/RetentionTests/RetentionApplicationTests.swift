import Catalog
import Foundation
import OCI
import Retention
import TestSupport
import Testing

/// What holds after a run was applied to any repository of a real catalogue. `RETENTION_GRAPHS` says how many are tried.
@Suite("Runs over random repositories")
struct RetentionApplicationTests {
  private static let count = ProcessInfo.processInfo.environment["RETENTION_GRAPHS"].flatMap(Int.init) ?? 500
  /// How many repositories are worked on at once: their transactions share what making them durable takes.
  private static let atOnce = 32
  /// How many repositories share a catalogue: collections look at all of it.
  private static let inOneCatalog = 320

  @Test("what is kept can be pulled whole, and only what a plan takes has gone")
  func closure() async throws {
    try await forEachRun { checks, catalog in
      for check in checks { try await check.verify("after the run") }
      try await CatalogScenario(catalog).collect(limit: 1000)
      for check in checks { try await check.verify("after the collection") }
    }
  }

  @Test("what was undone is as it was, and can be pulled whole")
  func undoing() async throws {
    try await forEachRun(trash: .seconds(86_400)) { checks, catalog in
      for check in checks { try await check.undo() }
      try await CatalogScenario(catalog).collect(limit: 1000)
      for check in checks { try await check.verifyUndone() }
    }
  }

  /// Applies a run to each of many repositories.
  private func forEachRun(
    trash window: Duration = .zero, _ body: ([RetentionCheck], SQLiteCatalog) async throws -> Void
  ) async throws {
    for start in stride(from: 0, to: Self.count, by: Self.inOneCatalog) {
      try await withTemporaryFolder { folder in
        let catalog = try SQLiteCatalog(path: "\(folder)/catalog")
        try await catalog.setStandardTrashWindow(window)
        for first in stride(from: start, to: min(start + Self.inOneCatalog, Self.count), by: Self.atOnce) {
          try await body(try await checks(first..<min(first + Self.atOnce, Self.count), catalog), catalog)
        }
        #expect(try await catalog.inconsistencies() == [])
        try await catalog.close()
      }
    }
  }

  private func checks(_ seeds: Range<Int>, _ catalog: SQLiteCatalog) async throws -> [RetentionCheck] {
    try await withThrowingTaskGroup(of: RetentionCheck.self) { group in
      for seed in seeds { group.addTask { try await RetentionCheck(RandomRepository(catalog, seed: UInt64(seed))) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}

/// A repository to which a run was applied, and what has to be true of it from then on.
private struct RetentionCheck: Sendable {
  private let repository: RandomRepository
  private let isUnchanged: Bool
  private let planned: PlannedRepository
  private let run: RetentionRun
  /// What was there when the run was applied.
  private let before: Set<Digest>
  /// What the tags named then.
  private let tagsBefore: [String: Digest]

  init(_ random: RandomRepository) async throws {
    var repository = random
    let catalog = repository.scenario.catalog
    try await repository.fill()
    let scope = RepositoryScope.repository(repository.name)
    _ = try await catalog.setRetentionPolicy(repository.policy(), for: scope, by: .somebody)
    let runner = RetentionRunner(catalog: catalog, flushPulls: {}, noteChanges: {})
    run = try await runner.begin(scope, by: .somebody)
    var found: PlannedRepository?
    _ = try await runner.plan(run) { step in
      if case .planned(let planned) = step { found = planned }
    }
    planned = try #require(found)
    isUnchanged = try await !repository.change()
    self.repository = repository
    let contents = try #require(try await catalog.contents(of: repository.name))
    before = Set(contents.manifests.map(\.digest))
    tagsBefore = Dictionary(
      uniqueKeysWithValues: contents.tags.map { ($0.tag.value, contents.manifests[Int($0.manifest)].digest) })
    try await runner.apply(run.id, by: .somebody)
    let part = try await catalog.retentionParts(of: run.id, after: nil, limit: 2)
    try await runner.apply(run.id, by: .somebody)
    #expect(try await catalog.retentionParts(of: run.id, after: nil, limit: 2) == part, "seed \(repository.seed)")
    #expect(part.count == 1 && part[0].isDone, "seed \(repository.seed)")
  }

  func undo() async throws {
    let runner = RetentionRunner(catalog: repository.scenario.catalog, flushPulls: {}, noteChanges: {})
    try await runner.undo(run.id, by: .somebody)
    try await runner.undo(run.id, by: .somebody)
    await #expect(throws: RetentionRefusal.undone(run.id)) { try await runner.apply(run.id, by: .somebody) }
  }

  func verifyUndone() async throws {
    let catalog = repository.scenario.catalog
    let seed = "seed \(repository.seed)"
    let contents = try #require(try await catalog.contents(of: repository.name))
    #expect(Set(contents.manifests.map(\.digest)) == before, "\(seed): other manifests are there than before the run")
    for tag in contents.tags {
      #expect(contents.manifests[Int(tag.manifest)].digest == tagsBefore[tag.tag.value], "\(seed): \(tag.tag)")
    }
    #expect(contents.tags.count == tagsBefore.count, "\(seed): a tag is gone")
    for manifest in repository.manifests where before.contains(manifest.digest) {
      for blob in manifest.requiredBlobs {
        let size = try await catalog.blobSize(blob, in: repository.name, touchedUnless: nil)
        #expect(size != nil, "\(seed): a blob of \(manifest.digest) is gone")
      }
    }
    if isUnchanged {
      let again = RetentionPlan(planned.policy, for: contents, at: run.begun.at)
      #expect(again.tags == planned.plan.tags, "\(seed): what came back is judged otherwise than before")
    }
    let part = try #require(try await catalog.retentionParts(of: run.id, after: nil, limit: 1).first)
    #expect(part.restoredTags == part.removedTags && part.restoredManifests == part.removedManifests, "\(seed)")
  }

  func verify(_ moment: String) async throws {
    let catalog = repository.scenario.catalog
    let seed = "seed \(repository.seed) \(moment)"
    let contents = try #require(try await catalog.contents(of: repository.name))
    let there = Set(contents.manifests.map(\.digest))
    if let held = repository.held { #expect(there.contains(held.digest), "\(seed): what is held is gone") }
    let manifests = repository.manifests.filter { there.contains($0.digest) }
    for manifest in manifests {
      for blob in manifest.requiredBlobs {
        let size = try await catalog.blobSize(blob, in: repository.name, touchedUnless: nil)
        #expect(size != nil, "\(seed): a blob of \(manifest.digest) is gone")
      }
    }
    let taken = Set(
      zip(planned.contents.manifests, planned.plan.manifests).filter { !$1.isKept }.map(\.0.digest))
    #expect(before.subtracting(there).isSubset(of: taken), "\(seed): more went than was planned")
    for manifest in manifests {
      let entries = manifest.entryDigests.intersection(before)
      #expect(entries.isSubset(of: there), "\(seed): \(manifest.digest) lost an entry")
    }
    for manifest in repository.manifests where before.contains(manifest.digest) {
      guard let subject = manifest.subject?.digest, there.contains(subject) else { continue }
      #expect(there.contains(manifest.digest), "\(seed): \(subject) lost what refers to it")
    }
    let tags = Set(contents.tags.map(\.tag.value))
    for (tag, digest) in tagsBefore {
      guard let held = DigestTag(.named(tag)), there.contains(where: held.digests.contains),
        before.contains(where: held.digests.contains)
      else { continue }
      #expect(tags.contains(tag) && there.contains(digest), "\(seed): what is kept under \(tag) is gone")
    }
    guard isUnchanged, !repository.hasDigestTags else { return }
    #expect(there == before.subtracting(taken), "\(seed): something that is planned to go did not")
    let kept = zip(planned.contents.tags, planned.plan.tags).filter { $1.isKept }.map(\.0.tag.value)
    #expect(tags == Set(kept), "\(seed): other tags are there than the plan keeps")
  }
}
