import Catalog
import Foundation
import OCI
import Retention
import TestSupport
import Testing

/// What deleting frees, against what it frees. `USAGE_GRAPHS` says how many pairs of repositories are tried.
@Suite("What repositories have")
struct RepositoryUsageTests {
  private static let count = ProcessInfo.processInfo.environment["USAGE_GRAPHS"].flatMap(Int.init) ?? 60

  @Test("deleting a tag, several, or all frees what was said, once it is collected")
  func freed() async throws {
    for seed in 0..<Self.count {
      try await withTemporaryFolder { folder in
        let catalog = try SQLiteCatalog(path: "\(folder)/catalog")
        var trial = Trial(catalog, seed: UInt64(seed))
        try await trial.run()
        #expect(try await catalog.usageFaults() == [])
        try await catalog.close()
      }
    }
  }

  @Test("100,000 tags of 300,000 manifests are added up")
  func many() {
    var contents = RepositoryContents()
    let count: Int32 = 300_000
    for place in 0..<count {
      contents.manifests.append(
        RepositoryContents.Manifest(
          id: Int64(place), digest: .of(withUnsafeBytes(of: place) { Array($0) }), size: 1, pushedAt: .farPast))
      contents.blobManifests.append(place)
      contents.blobs.append(
        RepositoryContents.Blob(
          digest: .of(withUnsafeBytes(of: place) { Array($0) }), size: 10, isShared: false, manifests: place..<place + 1
        ))
    }
    contents.blobManifests += 0..<count
    contents.blobs.append(
      RepositoryContents.Blob(digest: .of([]), size: 1000, isShared: false, manifests: count..<2 * count))
    for index in stride(from: 0, to: count, by: 3) {
      contents.tags.append(
        RepositoryContents.NamedTag(id: Int64(index), tag: .named("t\(index)"), manifest: index, beganAt: .farPast))
      contents.entries += [index + 1, index + 2].map { RepositoryContents.Edge(from: index, to: $0) }
    }
    let usage = RepositoryUsage(of: contents)
    #expect(usage.tags.count == 100_000)
    #expect(usage.tags.allSatisfy { $0.bytes == 1033 && $0.unique == 33 && $0.freed == 33 })
    #expect(usage.bytes == 300_000 * 11 + 1000)
    #expect(usage.freed(byDeleting: Set(usage.tags.map(\.tag))) == usage.bytes)
  }
}

/// Two repositories that share blobs, from one of which tags go.
private struct Trial {
  private let catalog: SQLiteCatalog
  private let seed: UInt64
  private var repository: RandomRepository
  private var other: RandomRepository

  init(_ catalog: SQLiteCatalog, seed: UInt64) {
    self.catalog = catalog
    self.seed = seed
    repository = RandomRepository(catalog, seed: seed)
    other = RandomRepository(catalog, seed: seed + 1_000_000)
  }

  mutating func run() async throws {
    try await repository.fill()
    try await other.fill()
    if seed.isMultiple(of: 2) {
      try await catalog.setTrashWindow(.seconds(86_400), of: AccountName(ownerOf: repository.name), by: .somebody)
    }
    try await collect()
    for tag in try await usage().tags.filter({ _ in repository.chance(40) }) {
      // What went with another tag changes what this one frees.
      guard let said = try await usage().tags.first(where: { $0.tag == tag.tag }) else { continue }
      #expect(said.freed <= said.unique && said.unique <= said.bytes)
      let before = try await bytes()
      guard try await delete([tag.tag]) else { continue }
      try await collect()
      #expect(try await before - bytes() == said.freed, "\(tag.tag) of seed \(seed)")
    }
    let usage = try await usage()
    let rest = Set(usage.tags.map(\.tag))
    let before = try await bytes()
    let said = usage.freed(byDeleting: rest)
    let ofOwner = try await catalog.usage(of: AccountName(ownerOf: repository.name))
    let whole = ofOwner.repositories.first { $0.name == repository.name.value }
    #expect(whole?.bytes ?? 0 == usage.bytes)
    #expect(whole?.unique ?? 0 == usage.unique)
    guard try await delete(rest) else { return }
    try await collect()
    #expect(try await before - bytes() == said, "all of seed \(seed)")
    if repository.held == nil { #expect(said == usage.unique, "a repository frees what only it has, seed \(seed)") }
  }

  private func usage() async throws -> RepositoryUsage {
    RepositoryUsage(of: try #require(try await catalog.contents(of: repository.name)))
  }

  /// - Returns: whether no rule refused it.
  private func delete(_ tags: Set<OCI.Tag>) async throws -> Bool {
    for tag in tags {
      let refusal = try await repository.scenario.refusal {
        _ = try await catalog.deleteTag(tag, in: repository.name, by: .somebody)
      }
      if refusal != nil { return false }
    }
    return true
  }

  /// Takes all that nothing keeps, through the trash; twice, because what is kept by history is looked at again later.
  private func collect() async throws {
    for owner in [repository, other].map({ AccountName(ownerOf: $0.name) }) {
      try await catalog.setTrashWindow(.zero, of: owner, by: .somebody)
    }
    for later in [Timestamp.farFuture, Timestamp(milliseconds: Timestamp.farFuture.milliseconds * 2)] {
      try await repository.scenario.collect(untaggedSince: later, trashUntil: later, limit: 1000)
    }
  }

  /// All that there is in the store and the catalogue, in bytes.
  private func bytes() async throws -> Int64 {
    var bytes = try await catalog.totals().blobBytes
    for name in [repository.name, other.name] {
      bytes += try await catalog.contents(of: name)?.manifests.reduce(0) { $0 + $1.size } ?? 0
    }
    return bytes
  }
}
