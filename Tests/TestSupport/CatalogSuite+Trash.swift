internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let trash: [CatalogSuite] = [
    CatalogSuite("a deleted manifest waits in the trash with all that it needs, and comes back with its tags") {
      scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["config", "layer"], tags: ["v1", "latest"])
      try await scenario.delete(image)
      #expect(try await !scenario.has(image))
      #expect(try await scenario.trashedTags().map(\.value) == ["latest", "v1"])
      let listed = try await scenario.catalog.trashedManifests(in: nil, after: nil, limit: 10)
      #expect(listed.map(\.manifest) == [RepositoryDigest(repository: scenario.repository, digest: image.digest)])
      #expect(listed.map(\.deletedBy) == ["somebody"])
      #expect(listed.map(\.bytes) == [11])
      #expect(listed.first.map { $0.place.keptUntil == $0.deletedAt + .seconds(86_400) } == true)
      #expect(try await scenario.catalog.trashBytes() == 11)

      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      #expect(
        try await scenario.catalog.collectable(waitingSince: .farFuture, untaggedSince: .farFuture)
          == CollectionForecast(manifests: [], blobs: []))
      let other = try await scenario.pushImage(["other"], tags: ["latest"])
      #expect(
        try await scenario.restore(.digest(image.digest), withTags: true)
          == .restored(image.digest, manifests: [image.digest], tags: [.named("v1")], taken: [.named("latest")]))
      #expect(try await scenario.resolve("v1") == image.digest)
      #expect(try await scenario.resolve("latest") == other.digest)
      #expect(try await scenario.hasBlob("layer"))
      #expect(try await scenario.catalog.trashBytes() == 0)
      #expect(try await scenario.history(of: "v1").first?.reason == .restore)
      #expect(try await scenario.auditedActions().contains(.manifestRestore))
      #expect(try await scenario.restore(.digest(image.digest)) == .unchanged(image.digest))
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
    },
    CatalogSuite("a deleted tag is restored, with its manifest, unless it was set again") { scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      #expect(try await scenario.restore(.tag(.named("v1"))) == .unchanged(image.digest))
      #expect(try await scenario.restore(.tag(.named("v2"))) == .unknown)
      #expect(try await scenario.deleteTag("v1"))
      try await scenario.delete(image)
      #expect(
        try await scenario.restore(.tag(.named("v1")))
          == .restored(image.digest, manifests: [image.digest], tags: [.named("v1")], taken: []))
      #expect(try await scenario.resolve("v1") == image.digest)
      #expect(try await scenario.trashedTags().isEmpty)
      #expect(try await scenario.deleteTag("v1"))
      let other = try await scenario.pushImage(["other"], tags: ["v1"])
      #expect(try await scenario.restore(.tag(.named("v1"))) == .taken(other.digest))
      #expect(try await scenario.trashedTags().isEmpty)
      #expect(try await scenario.deleteTag("v1"))
      #expect(try await scenario.catalog.emptyTrash(of: nil, by: .somebody) == TrashCount(manifests: 0, tags: 1))
      #expect(try await scenario.restore(.tag(.named("v1"))) == .unknown, "what it named before is history, not trash")
    },
    CatalogSuite("what was in the trash goes when its window is over, and cannot be restored any more") { scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      try await scenario.delete(image)
      try await scenario.collect(trashUntil: .now)
      #expect(try await scenario.trash() == [image.digest])
      #expect(try await scenario.collect(trashUntil: .farFuture) == [.blob("config")])
      #expect(try await scenario.trash().isEmpty)
      #expect(try await scenario.restore(.digest(image.digest)) == .unknown)
      #expect(try await scenario.restore(.tag(.named("v1"))) == .unknown)
    },
    CatalogSuite("without a window nothing waits") { scenario in
      #expect(try await scenario.catalog.standardTrashWindow() == .zero)
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      try await scenario.delete(image)
      #expect(try await scenario.trash().isEmpty)
      #expect(try await scenario.trashedTags().isEmpty)
      #expect(try await scenario.restore(.digest(image.digest)) == .unknown)
      #expect(try await scenario.collect() == [.blob("config")])
    },
    CatalogSuite("a window is an owner's own or the standard, and holds for what is in the trash already") { scenario in
      let other = scenario.inside("other/app")
      let owner = AccountName(ownerOf: scenario.repository)
      try await scenario.catalog.setStandardTrashWindow(.seconds(3600))
      for place in [scenario, other] { try await place.delete(try await place.pushImage(["config"])) }
      let windows = {
        try await scenario.catalog.trashedManifests(in: nil, after: nil, limit: 10).map {
          $0.place.keptUntil.milliseconds - $0.deletedAt.milliseconds
        }
      }
      #expect(try await windows() == [3_600_000, 3_600_000])
      try await scenario.catalog.setTrashWindow(.seconds(60), of: owner, by: .somebody)
      #expect(try await scenario.catalog.trashWindow(of: owner) == .seconds(60))
      #expect(try await windows() == [60_000, 3_600_000])
      try await scenario.catalog.setStandardTrashWindow(.seconds(7200))
      #expect(try await windows() == [60_000, 7_200_000])
      try await scenario.catalog.setTrashWindow(nil, of: owner, by: .somebody)
      #expect(try await windows() == [7_200_000, 7_200_000])
      try await scenario.catalog.setTrashWindow(.zero, of: owner, by: .somebody)
      #expect(try await scenario.trash().isEmpty)
      #expect(try await other.trash().count == 1)
      let changes = try await scenario.catalog.auditEvents(AuditQuery(limit: 1))
      #expect(changes.map(\.action) == [.trashWindow])
      #expect(changes.map(\.detail) == [["from": "default", "to": "0s"]])
    },
    CatalogSuite("the trash of a repository, or all, is emptied, and goes with the next collection") { scenario in
      let other = scenario.inside("team/other")
      try await scenario.keepTrash()
      try await scenario.delete(try await scenario.pushImage(["a"], tags: ["v1"]))
      try await other.delete(try await other.pushImage(["b"]))
      #expect(
        try await scenario.catalog.emptyTrash(of: scenario.repository, by: .somebody)
          == TrashCount(manifests: 1, tags: 1))
      #expect(try await scenario.trash().isEmpty)
      #expect(try await scenario.trashedTags().isEmpty)
      #expect(try await scenario.collect() == [.blob("a")])
      #expect(try await scenario.catalog.emptyTrash(of: nil, by: .somebody) == TrashCount(manifests: 1, tags: 0))
      #expect(try await scenario.catalog.emptyTrash(of: nil, by: .somebody) == TrashCount(manifests: 0, tags: 0))
      #expect(try await scenario.auditedActions().prefix(2) == [.trashEmpty, .trashEmpty])
      #expect(try await scenario.collect() == [.blob("b")])
    },
    CatalogSuite("who gets the name of a deleted owner gets nothing of the trash") { scenario in
      try await scenario.keepTrash()
      try await scenario.makeOrganization("team")
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      try await scenario.delete(image)
      #expect(try await scenario.catalog.deleteAccount(.named("team"), by: .somebody) == .deleted)
      try await scenario.makeOrganization("team")
      #expect(try await scenario.restore(.digest(image.digest)) == .unknown)
      #expect(try await scenario.restore(.tag(.named("v1"))) == .unknown)
      #expect(try await scenario.catalog.trashWindow(of: .named("team")) == nil)
    },
    CatalogSuite("what is pushed again leaves the trash, and goes there again when it is deleted again") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.delete(image)
      try await scenario.commit(image)
      try await scenario.keepTrash()
      try await scenario.delete(image)
      #expect(try await scenario.collect().isEmpty, "its review from before it had a trash does not take it")
      try await scenario.commit(image)
      #expect(try await scenario.trash().isEmpty)
      try await scenario.delete(image)
      #expect(try await scenario.trash() == [image.digest])
    },
    CatalogSuite("what clean-up hides goes to the trash, and what a tag named lately is not hidden") { scenario in
      try await scenario.keepTrash()
      let untagged = try await scenario.pushImage(["untagged"])
      let moved = try await scenario.pushImage(["moved"], tags: ["latest"])
      let signature = try await scenario.pushImage(["signature"], subject: moved)
      let current = try await scenario.pushImage(["current"], tags: ["latest"])
      let forecast = try await scenario.catalog.collectable(waitingSince: .farFuture, untaggedSince: .farFuture)
      #expect(forecast == CollectionForecast(manifests: [], blobs: []))
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      #expect(try await scenario.trash() == [untagged.digest])
      #expect(try await scenario.catalog.trashedManifests(in: nil, after: nil, limit: 1).map(\.deletedBy) == [nil])
      for manifest in [moved, signature, current] { #expect(try await scenario.has(manifest)) }
      let again = try await scenario.catalog.hideUntaggedManifests(since: .farFuture, limit: 100)
      #expect(again == ReviewCount(reviewed: 0, purged: 0), "what history keeps is not looked at again and again")

      try await scenario.catalog.setTrashWindow(.zero, of: AccountName(ownerOf: scenario.repository), by: .somebody)
      let later = Timestamp(milliseconds: Timestamp.farFuture.milliseconds * 2)
      #expect(
        try await scenario.collect(untaggedSince: later) == [.blob("untagged"), .blob("moved"), .blob("signature")])
      #expect(try await scenario.has(current))
    },
    CatalogSuite("what is restored brings referrers that clean-up hid, and not those that somebody deleted") {
      scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["image"], tags: ["v1"])
      let signature = try await scenario.pushImage(["signature"], subject: image)
      let revoked = try await scenario.pushImage(["revoked"], subject: image)
      try await scenario.delete(revoked)
      try await scenario.delete(image)
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      #expect(try await scenario.trash() == [image.digest, signature.digest, revoked.digest])
      let restored = [image.digest, signature.digest].sorted()
      #expect(
        try await scenario.restore(.tag(.named("v1")))
          == .restored(image.digest, manifests: restored, tags: [.named("v1")], taken: []))
      #expect(try await scenario.trash() == [revoked.digest])
    },
    CatalogSuite("blobs of what is in the trash stay, though somebody deletes them by themselves") { scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["config"])
      try await scenario.delete(image)
      #expect(
        try await scenario.catalog.deleteBlob(.blob("config"), in: scenario.repository, by: .somebody) == .deleted)
      #expect(try await scenario.collect().isEmpty)
      try await scenario.restore(.digest(image.digest))
      #expect(try await scenario.hasBlob("config"))
    },
    CatalogSuite("bytes that something else needs do not count as the trash's") { scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["shared", "own"])
      try await scenario.inside("other").pushImage(["shared"])
      try await scenario.delete(image)
      #expect(try await scenario.catalog.trashBytes() == 3)
      #expect(try await scenario.catalog.trashedManifests(in: nil, after: nil, limit: 1).map(\.bytes) == [3])
    },
    CatalogSuite("what a mirror lets go of does not go to the trash") { scenario in
      try await scenario.keepTrash()
      let image = Manifest.image(["config"])
      try await scenario.mirror(image, tags: ["latest"])
      try await scenario.pushBlob("config")
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.trash().isEmpty)
      #expect(try await scenario.trashedTags().isEmpty)
      #expect(try await scenario.collect() == [.blob("config")])
      try await scenario.mirror(image, tags: ["latest"])
      try await scenario.delete(image)
      #expect(try await scenario.trash().isEmpty)
      #expect(try await scenario.trashedTags().isEmpty)
    },
    CatalogSuite("the trash is listed page by page") { scenario in
      try await scenario.keepTrash()
      for number in 0..<5 {
        try await scenario.delete(try await scenario.pushImage(["\(number)"], tags: ["v\(number)"]))
      }
      var digests: [Digest] = []
      var tags: [OCI.Tag] = []
      var place: TrashPlace?
      repeat {
        let page = try await scenario.catalog.trashedManifests(in: scenario.repository, after: place, limit: 2)
        digests += page.map(\.manifest.digest)
        place = page.last?.place
      } while place != nil
      repeat {
        let page = try await scenario.catalog.trashedTags(in: nil, after: place, limit: 2)
        tags += page.map(\.tag)
        place = page.last?.place
      } while place != nil
      #expect(digests == (0..<5).map { Manifest.image(["\($0)"]).digest })
      #expect(tags.map(\.value) == (0..<5).map { "v\($0)" })
      #expect(try await scenario.catalog.trashedTags(in: .named("no/such"), after: nil, limit: 2).isEmpty)
    },
    CatalogSuite("whatever is deleted of a graph, all of it can be restored, and all of it goes in the end") {
      scenario in
      for seed in 0..<24 {
        try await RandomGraph(seed: UInt64(seed), in: scenario.inside("team/graph-\(seed)")).deleteAndRestore()
      }
    },
  ]
}

/// A repository of images, indexes in indexes, referrers of referrers and tags, made by chance.
private struct RandomGraph {
  let scenario: CatalogScenario
  private var chance: SeededNumbers
  private let owner: AccountName

  init(seed: UInt64, in scenario: CatalogScenario) {
    self.scenario = scenario
    owner = AccountName(ownerOf: scenario.repository)
    chance = SeededNumbers(seed: seed)
  }

  func deleteAndRestore() async throws {
    var chance = chance
    try await scenario.keepTrash()
    let (manifests, blobs) = try await build(&chance)
    var tags: [String: Digest] = [:]
    for number in 0..<6 {
      let manifest = manifests[Int.random(in: manifests.indices, using: &chance)]
      try await scenario.commit(manifest, tags: ["t\(number)"])
      tags["t\(number)"] = manifest.digest
    }
    for _ in 0..<8 {
      if Bool.random(using: &chance) {
        _ = try await scenario.deleteTag("t\(Int.random(in: 0..<6, using: &chance))")
      } else {
        try await scenario.delete(manifests[Int.random(in: manifests.indices, using: &chance)])
      }
      if Bool.random(using: &chance) {
        #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      }
    }
    #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
    for tag in try await scenario.trashedTags() { try await scenario.restore(.tag(tag)) }
    for digest in try await scenario.trash() { try await scenario.restore(.digest(digest)) }

    #expect(try await scenario.trash().isEmpty)
    for manifest in manifests { #expect(try await scenario.has(manifest)) }
    for (tag, digest) in tags { #expect(try await scenario.resolve(tag) == digest) }
    for blob in blobs { #expect(try await scenario.hasBlob(blob)) }
    #expect(try await scenario.catalog.inconsistencies() == [])

    var isDeleting = true
    while isDeleting {
      isDeleting = false
      for manifest in manifests where try await scenario.delete(manifest) == .deleted { isDeleting = true }
    }
    #expect(try await scenario.collect().isEmpty)
    #expect(try await scenario.collect(trashUntil: .farFuture) == Set(blobs.map { .blob($0) }))
  }

  /// - Returns: the manifests, and the names of all blobs that they need.
  private func build(_ chance: inout SeededNumbers) async throws -> ([Manifest], Set<String>) {
    var manifests: [Manifest] = []
    var blobs: Set<String> = []
    let name = scenario.repository.value
    for number in 0..<6 {
      let own = ["\(name) config \(number)", "\(name) shared \(Int.random(in: 0..<3, using: &chance))"]
      let subject = manifests.randomElement(using: &chance).flatMap { Bool.random(using: &chance) ? $0 : nil }
      manifests.append(try await scenario.pushImage(own, subject: subject))
      blobs.formUnion(own)
    }
    for _ in 0..<3 {
      let index = Manifest.index((0..<2).compactMap { _ in manifests.randomElement(using: &chance) })
      guard !manifests.contains(where: { $0.digest == index.digest }) else { continue }
      try await scenario.commit(index)
      manifests.append(index)
    }
    return (manifests, blobs)
  }
}
