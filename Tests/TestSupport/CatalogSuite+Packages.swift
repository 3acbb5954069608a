internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let packages: [CatalogSuite] = [
    CatalogSuite("each manifest is a version with an id that stays, children and referrers included") { scenario in
      let child = try await scenario.pushImage(["child"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["v1"])
      let signature = try await scenario.pushImage(["signature"], subject: index)
      let versions = try await scenario.versions()
      #expect(versions.map(\.digest) == [signature.digest, index.digest, child.digest])
      #expect(versions.map { $0.tags.map(\.value) } == [[], ["v1"], []])
      #expect(versions.allSatisfy { $0.deletedAt == nil && $0.downloads == 0 })
      try await scenario.commit(child, tags: ["child"])
      #expect(try await scenario.versions().map(\.id) == versions.map(\.id))
      for version in try await scenario.versions() {
        #expect(try await scenario.catalog.version(version.id, of: scenario.repository, .active) == version)
        #expect(try await scenario.catalog.version(version.id, of: .named("team/other"), .active) == nil)
        #expect(try await scenario.catalog.version(version.id, of: scenario.repository, .deleted) == nil)
      }
    },
    CatalogSuite("a tag that moves leaves the old version at once, and both versions have changed then") { scenario in
      let old = try await scenario.pushImage(["old"], tags: ["latest", "v1"])
      let before = try await scenario.versions()
      let pause = await scenario.moment()
      let new = try await scenario.pushImage(["new"], tags: ["latest"])
      let versions = try await scenario.versions()
      #expect(versions.map(\.digest) == [new.digest, old.digest])
      #expect(versions.map { $0.tags.map(\.value) } == [["latest"], ["v1"]])
      #expect(versions.allSatisfy { $0.updatedAt > pause })
      #expect(versions[1].createdAt == before[0].createdAt && before[0].updatedAt < pause)
    },
    CatalogSuite("pages with numbers hold all versions once, and know how many there are") { scenario in
      for number in 0..<5 { try await scenario.pushImage(["blob \(number)"], tags: ["v\(number)"]) }
      let all = try await scenario.versions()
      var paged: [PackageVersion] = []
      for number in 1...4 {
        let page = try await scenario.catalog.versions(
          of: scenario.repository, .active, page: PageNumber(number, size: 2))
        #expect(page.total == 5)
        paged += page.elements
      }
      #expect(paged == all && all.count == 5)
      let beyond = try await scenario.catalog.versions(
        of: scenario.repository, .active, page: PageNumber(.max, size: 100))
      #expect(beyond.elements.isEmpty && beyond.total == 5)
      #expect(try await scenario.inside("team/none").versions().isEmpty)
    },
    CatalogSuite("downloads are counted for each version") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.catalog.recordPulls([
        ManifestPulls(
          manifest: RepositoryDigest(repository: scenario.repository, digest: image.digest), last: .now, downloads: 3)
      ])
      #expect(try await scenario.versions().map(\.downloads) == [3])
    },
    CatalogSuite("an owner's packages are listed by name as far as filter and rule let them through") { scenario in
      for name in ["team/b", "team/a/x", "team/a", "team", "other/a"] {
        try await scenario.inside(name).pushImage(["config"], tags: ["v1"])
      }
      _ = try await scenario.catalog.createRepository(.named("team/empty"), visibility: nil, by: .somebody)
      _ = try await scenario.catalog.setVisibility(.public, of: .named("team/b"), by: .somebody)
      let all = try await scenario.packages()
      #expect(all.map(\.repository.value) == ["team/a", "team/a/x", "team/b"])
      #expect(all.map(\.visibility) == [.private, .private, .public])
      #expect(all.map(\.versionCount) == [1, 1, 1])
      #expect(Set(all.map(\.id)).count == 3)
      #expect(
        try await scenario.packages(.readable(owners: [], andInternal: false)).map(\.repository.value) == ["team/b"])
      #expect(
        try await scenario.packages(where: { name, visibility in name.value == "team/a" || visibility == .public })
          .map(\.repository.value) == ["team/a", "team/b"])
      let page = try await scenario.catalog.packages(
        of: AccountName(ownerOf: scenario.repository), .all, where: { _, _ in true }, page: PageNumber(2, size: 2))
      #expect(page.elements == [all[2]] && page.total == 3)
      #expect(try await scenario.catalog.package(.named("team/a")) == all[0])
      #expect(try await scenario.catalog.package(.named("team/empty")) == nil)
      #expect(try await scenario.catalog.package(.named("team/none")) == nil)
    },
    CatalogSuite("a package has changed when it was pushed to or a tag was set") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      let made = try #require(try await scenario.catalog.package(scenario.repository))
      #expect(made.createdAt <= made.updatedAt)
      let pause = await scenario.moment()
      try await scenario.commit(image, tags: ["v2"])
      let tagged = try #require(try await scenario.catalog.package(scenario.repository))
      #expect(tagged.createdAt == made.createdAt && made.updatedAt < pause && tagged.updatedAt > pause)
    },
    CatalogSuite("the last version with a tag stays, and so does what an index lists") { scenario in
      let child = try await scenario.pushImage(["child"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["v1", "v2"])
      let versions = try await scenario.versions()
      #expect(try await scenario.deleteVersion(versions[0]) == .lastTagged)
      #expect(try await scenario.deleteVersion(versions[1]) == .needed(by: index.digest))
      #expect(try await scenario.versions() == versions)
      try await scenario.pushImage(["other"], tags: ["v3"])
      #expect(try await scenario.deleteVersion(versions[0]) == .deleted(index.digest))
      #expect(try await scenario.deleteVersion(versions[0]) == .unknown)
      #expect(try await scenario.deleteVersion(versions[1]) == .deleted(child.digest))
      #expect(try await scenario.resolve("v1") == nil)
    },
    CatalogSuite("a version of another repository is not deleted") { scenario in
      try await scenario.pushImage(["config"])
      let version = try await scenario.versions()[0]
      #expect(try await scenario.inside("team/other").deleteVersion(version) == .unknown)
      try await scenario.inside("team/other").pushImage(["config"])
      #expect(try await scenario.inside("team/other").deleteVersion(version) == .unknown)
      #expect(try await scenario.versions() == [version])
    },
    CatalogSuite("a deleted version is in the trash with the tags that went with it") { scenario in
      try await scenario.keepTrash()
      let image = try await scenario.pushImage(["config"], tags: ["v1", "v2", "gone"])
      try await scenario.pushImage(["other"], tags: ["v3"])
      #expect(try await scenario.deleteTag("gone"))
      _ = await scenario.moment()
      let version = try await scenario.versions()[1]
      #expect(try await scenario.deleteVersion(version) == .deleted(image.digest))
      let deleted = try await scenario.versions(.deleted)
      #expect(deleted.map(\.id) == [version.id])
      #expect(deleted.map { $0.tags.map(\.value) } == [["v1", "v2"]])
      #expect(deleted[0].deletedAt != nil && deleted[0].createdAt == version.createdAt)
      #expect(try await scenario.catalog.version(version.id, of: scenario.repository, .deleted) == deleted[0])
      try await scenario.restore(.digest(image.digest), withTags: true)
      #expect(try await scenario.versions(.deleted).isEmpty)
      #expect(try await scenario.versions().map(\.id).contains(version.id))
    },
    CatalogSuite("a tag of a version is deleted where it names that version") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1", "v2"])
      let other = try await scenario.pushImage(["other"], tags: ["v3"])
      let (second, first) = (try await scenario.versions()[0], try await scenario.versions()[1])
      let delete = { (tag: String, version: PackageVersion) in
        try await scenario.catalog.deleteTag(
          .named(tag), ofVersion: version.id, of: scenario.repository, by: .somebody)
      }
      #expect(try await !delete("v1", second))
      #expect(try await !delete("v9", second))
      #expect(try await delete("v1", first))
      #expect(try await !delete("v1", first))
      #expect(try await scenario.resolve("v2") == image.digest)
      #expect(try await scenario.resolve("v3") == other.digest)
      #expect(try await scenario.auditedActions().first == .tagDelete)
      try await scenario.protect(["v2"])
      #expect(try await scenario.refusal { _ = try await delete("v2", first) } != nil)
      #expect(try await scenario.resolve("v2") == image.digest)
    },
    CatalogSuite("a package is deleted and restored whole: all manifests, all tags, the same ids") { scenario in
      try await scenario.keepTrash()
      let child = try await scenario.pushImage(["child"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["v1", "latest"])
      try await scenario.pushImage(["signature"], subject: index)
      let early = try await scenario.pushImage(["early"], tags: ["early"])
      let package = try #require(try await scenario.catalog.package(scenario.repository))
      try await scenario.delete(early)
      _ = await scenario.moment()
      let versions = try await scenario.versions()

      #expect(try await scenario.catalog.deletePackage(scenario.repository, by: .somebody))
      #expect(try await !scenario.catalog.deletePackage(scenario.repository, by: .somebody))
      #expect(try await scenario.catalog.package(scenario.repository) == nil)
      #expect(try await scenario.packages().isEmpty)
      #expect(try await scenario.versions().isEmpty)
      #expect(try await scenario.versions(.deleted).count == 4)
      #expect(try await scenario.resolve("v1") == nil)
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)

      #expect(try await scenario.catalog.restorePackage(scenario.repository, by: .somebody) == .restored)
      #expect(try await scenario.versions().map(\.id) == versions.map(\.id))
      #expect(try await scenario.versions().map(\.tags) == versions.map(\.tags))
      #expect(try await scenario.catalog.package(scenario.repository)?.id == package.id)
      #expect(try await scenario.versions(.deleted).map(\.digest) == [early.digest], "it was deleted by itself")
      for blob in ["signature", "child"] { #expect(try await scenario.hasBlob(blob)) }
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      #expect(try await scenario.catalog.restorePackage(scenario.repository, by: .somebody) == .inUse)
      let actions = try await scenario.auditedActions()
      #expect(actions.filter { $0 == .manifestRestore }.count == 3)
      #expect(actions.filter { $0 == .manifestDelete }.count == 4)
    },
    CatalogSuite("a package whose name is in use, or whose trash was emptied, is not restored") { scenario in
      try await scenario.keepTrash()
      #expect(try await scenario.catalog.restorePackage(scenario.repository, by: .somebody) == .unknown)
      try await scenario.pushImage(["old"], tags: ["v1"])
      #expect(try await scenario.catalog.deletePackage(scenario.repository, by: .somebody))
      let new = try await scenario.pushImage(["new"], tags: ["v1"])
      #expect(try await scenario.catalog.restorePackage(scenario.repository, by: .somebody) == .inUse)
      #expect(try await scenario.resolve("v1") == new.digest)
      #expect(try await scenario.catalog.deletePackage(scenario.repository, by: .somebody))
      _ = try await scenario.catalog.emptyTrash(of: scenario.repository, by: .somebody)
      #expect(try await scenario.catalog.restorePackage(scenario.repository, by: .somebody) == .unknown)
    },
    CatalogSuite("a package of which a rule or a hold keeps anything stays whole") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1", "dev"])
      try await scenario.pushImage(["other"], tags: ["other"])
      let versions = try await scenario.versions()
      let refusal = {
        try await scenario.refusal {
          _ = try await scenario.catalog.deletePackage(scenario.repository, by: .somebody)
        }
      }
      try await scenario.protect(["v*"])
      #expect(try await refusal()?.reason.rule?.name.value == "release")
      try await scenario.unprotect()
      try await scenario.protect(["v*"], named: "digests", .digests)
      #expect(try await scenario.deleteTag("v1"))
      #expect(try await refusal()?.reason.rule?.name.value == "digests", "it had the tag")
      try await scenario.unprotect("digests")
      try await scenario.hold(image)
      #expect(try await refusal()?.reason.hold?.manifest.digest == image.digest)
      #expect(try await scenario.versions().map(\.id) == versions.map(\.id))
      try await scenario.release(image)
      #expect(try await refusal() == nil)
      #expect(try await scenario.versions().isEmpty)
    },
  ]
}

extension CatalogScenario {
  fileprivate func versions(_ state: PackageVersion.State = .active) async throws -> [PackageVersion] {
    try await catalog.versions(of: repository, state, page: PageNumber(1, size: 100)).elements
  }

  fileprivate func packages(
    _ filter: RepositoryFilter = .all,
    where isListed: @escaping @Sendable (RepositoryName, Visibility) -> Bool = { _, _ in true }
  ) async throws -> [Package] {
    try await catalog.packages(
      of: AccountName(ownerOf: repository), filter, where: isListed, page: PageNumber(1, size: 100)
    ).elements
  }

  fileprivate func deleteVersion(_ version: PackageVersion) async throws -> VersionDeletion {
    try await catalog.deleteVersion(version.id, of: repository, by: .somebody)
  }
}
