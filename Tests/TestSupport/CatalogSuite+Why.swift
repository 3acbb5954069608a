internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let why: [CatalogSuite] = [
    CatalogSuite("a manifest is kept by its tags, and by indexes and subjects with what keeps them") { scenario in
      let image = try await scenario.pushImage(["config"])
      let signature = try await scenario.pushImage(["signature"], subject: image)
      let inner = Manifest.index([image])
      let outer = Manifest.index([inner])
      try await scenario.commit(inner)
      try await scenario.commit(outer, tags: ["v1", "latest"])
      let graph = try #require(try await scenario.keepers(of: signature))
      #expect(graph.isKept && !graph.hasMore)
      #expect(
        graph.manifests.map(\.digest) == [signature.digest, image.digest, inner.digest, outer.digest])
      #expect(
        graph.manifests.map(\.keepers) == [
          [.subject(image.digest)], [.index(inner.digest)], [.index(outer.digest)], [],
        ])
      #expect(graph.manifests.dropLast().allSatisfy { $0.reasons.isEmpty })
      #expect(
        Set(graph.manifests[3].reasons) == [.tag(.named("v1"), keptBy: nil), .tag(.named("latest"), keptBy: nil)])
      #expect(try await scenario.keepers(of: .image(["absent"])) == nil)
      #expect(try await scenario.inside("no/such").keepers(of: image) == nil)
    },
    CatalogSuite("a manifest that two indexes list is told once, and a subject that is not there keeps nothing") {
      scenario in
      let image = try await scenario.pushImage(["config"], subject: .image(["absent"]))
      for number in 0..<2 {
        try await scenario.commit(.index([image, try await scenario.pushImage(["\(number)"])]), tags: ["v\(number)"])
      }
      let graph = try #require(try await scenario.keepers(of: image))
      #expect(graph.manifests.count == 3)
      #expect(graph.manifests[0].keepers.count == 2)
      #expect(Set(graph.manifests[0].keepers.map(\.digest)) == Set(graph.manifests.dropFirst().map(\.digest)))
    },
    CatalogSuite("holds, rules, tags of the older scheme and the history of tags are reasons") { scenario in
      try await scenario.keepTrash()
      try await scenario.protect(["v*"])
      try await scenario.protect(["v*"], named: "digests", .digests)
      let image = try await scenario.pushImage(["config"], tags: ["v1", "latest"])
      let signature = try await scenario.pushImage(["signature"])
      let tag = "sha256-\(image.digest.hex).sig"
      try await scenario.commit(signature, tags: [tag])
      try await scenario.hold(image)
      _ = try await scenario.pushImage(["other"], tags: ["latest"])
      let graph = try #require(try await scenario.keepers(of: signature))
      #expect(graph.manifests.map(\.digest) == [signature.digest, image.digest])
      #expect(graph.manifests[0].reasons == [.tag(.named(tag), keptBy: nil)])
      #expect(graph.manifests[0].keepers == [.about(image.digest, .named(tag))])

      let reasons = try #require(try await scenario.keepers(of: image)).manifests[0].reasons
      #expect(reasons.count == 4)
      #expect(reasons.contains { if case .tag(_, let rule?) = $0 { rule.name.value == "release" } else { false } })
      #expect(reasons.contains { if case .history(let tag, _) = $0 { tag.value == "latest" } else { false } })
      #expect(reasons.contains { if case .protection(.hold) = $0 { true } else { false } })
      #expect(reasons.contains { if case .protection(.digest) = $0 { true } else { false } })
    },
    CatalogSuite("nothing keeps what has no tag or was deleted, and it is told what has become of it") { scenario in
      let image = try await scenario.pushImage(["config"])
      let untagged = try #require(try await scenario.keepers(of: image))
      #expect(!untagged.isKept)
      guard case .there(untaggedSince: .some) = untagged.manifests[0].state else {
        Issue.record("it is without a tag since it was pushed")
        return
      }
      try await scenario.keepTrash()
      try await scenario.delete(image)
      let trashed = try #require(try await scenario.keepers(of: image))
      guard case .inTrash(let until) = trashed.manifests[0].state else {
        Issue.record("it is in the trash")
        return
      }
      #expect(until > .now && !trashed.isKept)
      _ = try await scenario.catalog.emptyTrash(of: nil, by: .somebody)
      guard case .waiting = try await scenario.keepers(of: image)?.manifests[0].state else {
        Issue.record("it waits for the collector")
        return
      }
      try await scenario.collect()
      #expect(try await scenario.keepers(of: image) == nil)
    },
    CatalogSuite("of many reasons some are told, and that there are more") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.commit(image, tags: (0...KeptGraph.maximumReasons).map { "t\($0)" })
      let graph = try #require(try await scenario.keepers(of: image))
      #expect(graph.manifests[0].reasons.count == KeptGraph.maximumReasons)
      #expect(graph.hasMore)
    },
    CatalogSuite("a blob is needed by manifests, and other repositories that may be seen have it") { scenario in
      let image = try await scenario.pushImage(["config", "layer"])
      for name in ["team/other", "hidden/app"] { try await scenario.inside(name).pushBlob("layer") }
      let blob = try #require(try await scenario.keepers(ofBlob: "layer") { $0.value.hasPrefix("team/") })
      #expect(blob.manifests.map(\.digest) == [image.digest])
      #expect(blob.size == 5 && blob.otherRepositories == 1 && !blob.hasMore)
      try await scenario.pushBlob("lonely")
      let lonely = try #require(try await scenario.keepers(ofBlob: "lonely") { _ in true })
      #expect(lonely.manifests.isEmpty && lonely.otherRepositories == 0 && lonely.waitingSince != nil)
      #expect(try await scenario.keepers(ofBlob: "absent") { _ in true } == nil)
    },
  ]

  static let usage: [CatalogSuite] = [
    CatalogSuite("what several repositories or owners have is shared, and the rest unique") { scenario in
      let (second, other) = (scenario.inside("team/second"), scenario.inside("other/app"))
      let one = try await scenario.pushImage(["everywhere", "team's", "own"])
      let two = try await second.pushImage(["everywhere", "team's"])
      let three = try await other.pushImage(["everywhere"])
      let sizes = [one, two, three].map { Int64($0.bytes.count) }
      let owners = try await scenario.catalog.usageOfOwners().sorted { $0.name < $1.name }
      #expect(
        owners == [
          StorageUsage(name: "other", bytes: sizes[2] + 10, unique: sizes[2]),
          StorageUsage(name: "team", bytes: sizes[0] + sizes[1] + 10 + 6 + 3, unique: sizes[0] + sizes[1] + 6 + 3),
        ])
      let team = try await scenario.catalog.usage(of: .named("team"))
      #expect(team.owner == owners[1])
      #expect(
        team.repositories.sorted { $0.name < $1.name } == [
          StorageUsage(name: "team/app", bytes: sizes[0] + 10 + 6 + 3, unique: sizes[0] + 3),
          StorageUsage(name: "team/second", bytes: sizes[1] + 10 + 6, unique: sizes[1]),
        ])
      try await second.delete(two)
      #expect(try await scenario.catalog.usage(of: .named("team")).repositories.map(\.unique) == [sizes[0] + 9])
      #expect(try await scenario.catalog.usage(of: .named("nobody")).repositories.isEmpty)
    }
  ]
}

extension CatalogScenario {
  fileprivate func keepers(of manifest: Manifest) async throws -> KeptGraph? {
    try await catalog.keepers(ofManifest: manifest.digest, in: repository)
  }

  fileprivate func keepers(
    ofBlob name: String, where isListed: @escaping @Sendable (RepositoryName) -> Bool
  ) async throws -> KeptBlob? {
    try await catalog.keepers(ofBlob: .blob(name), in: repository, .all, where: isListed)
  }
}
