import Catalog
import OCI
import Testing

extension CatalogSuite {
  static let retention = [
    CatalogSuite("a scope has one retention policy, which is listed, replaced and removed") { scenario in
      let catalog = scenario.catalog
      let scope = RepositoryScope.repository(scenario.repository)
      _ = try await catalog.setRetentionPolicy("rules: []", for: .registry, by: .somebody)
      _ = try await catalog.setRetentionPolicy("first", for: scope, by: .somebody)
      _ = try await catalog.setRetentionPolicy("second", for: scope, by: .somebody)
      let all = try await catalog.retentionPolicies(where: { _ in true }, after: nil, limit: 10)
      #expect(all.map(\.scope) == [.registry, scope])
      #expect(all.last?.text == "second")
      #expect(try await catalog.retentionPolicies(of: RepositoryScope.all(of: scenario.repository)).count == 2)
      #expect(try await catalog.removeRetentionPolicy(of: scope, by: .somebody))
      #expect(try await !catalog.removeRetentionPolicy(of: scope, by: .somebody))
      #expect(try await catalog.retentionPolicies(where: { $0 == scope }, after: nil, limit: 10) == [])
    },
    CatalogSuite("the repositories of a scope are listed page by page") { scenario in
      for name in ["team/a", "team/b", "other/c"] { try await scenario.inside(name).pushImage(["config"]) }
      let catalog = scenario.catalog
      let team = RepositoryScope.owner(AccountName(ownerOf: .named("team/a")))
      #expect(try await catalog.repositories(in: team, after: nil, limit: 1) == [.named("team/a")])
      #expect(try await catalog.repositories(in: team, after: "team/a", limit: 9) == [.named("team/b")])
      #expect(try await catalog.repositories(in: .registry, after: nil, limit: 9).count == 3)
      let one = RepositoryScope.repository(.named("other/c"))
      #expect(try await catalog.repositories(in: one, after: nil, limit: 9) == [.named("other/c")])
    },
    CatalogSuite("a run removes in the order of its steps, once, and records each removal") { scenario in
      let child = try await scenario.pushImage(["config", "child"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["old"])
      let signature = try await scenario.pushImage(["config", "signature"], tags: ["sha256-\(index.digest.hex).sig"])
      let run = try await scenario.planRemoval(of: [[index], [child, signature]])
      #expect(try await scenario.catalog.retentionRun(run.id)?.isPlanned == true)
      let part = try await scenario.apply(run, count: 2)
      #expect(part.isDone && part.left == [:])
      #expect(part.removedTags == 2 && part.removedManifests == 3)
      #expect(try await scenario.resolve("old") == nil)
      for manifest in [index, child, signature] { #expect(try await !scenario.has(manifest)) }
      #expect(try await scenario.apply(run, count: 2) == part)
      let events = try await scenario.catalog.auditEvents(AuditQuery(limit: 100))
      #expect(events.count { $0.action == .manifestDelete && $0.detail["run"] == String(run.id) } == 3)
      #expect(events.count { $0.action == .tagDelete && $0.detail["rule"] == "old things" } == 2)
    },
    CatalogSuite("a run leaves alone what was pushed, pulled, tagged, listed or referred to since, and what that keeps")
    {
      scenario in
      let catalog = scenario.catalog
      var images: [Manifest] = []
      for name in ["pushed", "pulled", "tagged", "listed", "referred", "signed", "deleted", "gone"] {
        images.append(try await scenario.pushImage(["config", name]))
      }
      let moved = try await scenario.pushImage(["config", "moved"], tags: ["moved"])
      let kept = try await scenario.pushImage(["config", "kept"])
      let index = Manifest.index([kept])
      try await scenario.commit(index)
      let about = try await scenario.pushImage(["config", "about"], tags: ["sha256-\(index.digest.hex)"])
      let run = try await scenario.planRemoval(of: [images + [moved, index], [kept, about]])
      try await scenario.commit(images[0])
      try await catalog.recordPulls(
        [images[1], index].map {
          ManifestPulls(
            manifest: RepositoryDigest(repository: scenario.repository, digest: $0.digest), last: .farFuture,
            downloads: 1)
        })
      try await scenario.commit(images[2], tags: ["new"])
      try await scenario.commit(Manifest.index([images[3]]))
      try await scenario.pushImage(["config", "referrer"], subject: images[4])
      try await scenario.pushImage(["config", "sig"], tags: ["sha256-\(images[5].digest.hex).sig"])
      try await scenario.delete(images[6])
      try await scenario.commit(images[7], tags: ["moved"])
      let part = try await scenario.apply(run, count: 100)
      #expect(part.removedTags == 0)
      #expect(try await scenario.has(kept))
      #expect(try await scenario.has(about))
      #expect(part.left[.pulled] == 2)
      #expect(part.left[.listed] == 2)
      #expect(part.left[.referred] == 2)
      #expect(part.left[.subject] == 1)
      #expect(part.left[.tagged] == 1)
      #expect(part.left[.pushed] == 3)
      #expect(part.left[.gone] == 2)
    },
    CatalogSuite("a tag that was brought back, however often, is as old as it was before") { scenario in
      try await scenario.keepTrash()
      try await scenario.pushImage(["config"], tags: ["v1"])
      let before = try #require(try await scenario.contents.tags.first)
      for _ in 0..<2 {
        _ = await scenario.moment()
        #expect(try await scenario.deleteTag("v1"))
        #expect(try await scenario.contents.tags.isEmpty)
        try await scenario.restore(.tag(.named("v1")))
      }
      let after = try #require(try await scenario.contents.tags.first)
      #expect(after.id != before.id && after.beganAt == before.beganAt)
      try await scenario.pushImage(["config", "other"], tags: ["v1"])
      #expect(try #require(try await scenario.contents.tags.first).beganAt > before.beganAt)
    },
    CatalogSuite("a run that is not planned to its end is not applied, and old runs are forgotten") { scenario in
      let catalog = scenario.catalog
      try await scenario.pushImage(["config"], tags: ["v1"])
      let run = try await catalog.beginRetentionRun(.registry, by: .somebody)
      try await catalog.addRetentionPart(
        NewRetentionPart(run: run.id, repository: scenario.repository, fault: "it cannot be read"))
      #expect(try await catalog.beginApplying(run.id, by: .somebody) == nil)
      #expect(try await catalog.retentionParts(of: run.id, after: nil, limit: 9).first?.fault == "it cannot be read")
      #expect(try await catalog.retentionRuns(where: { _ in true }, before: nil, limit: 9).map(\.id) == [run.id])
      #expect(try await catalog.removeRetentionRuns(before: .farPast, limit: 9) == 0)
      #expect(try await catalog.removeRetentionRuns(before: .farFuture, limit: 9) == 1)
      #expect(try await catalog.retentionRun(run.id) == nil)
    },
  ]
}

extension CatalogScenario {
  /// Stores a plan that takes manifests, step by step, with all their tags.
  fileprivate func planRemoval(of steps: [[Manifest]]) async throws -> RetentionRun {
    // A run takes nothing that was pushed in the millisecond in which it began.
    while try await contents.manifests.contains(where: { $0.pushedAt >= .now }) {}
    let run = try await catalog.beginRetentionRun(.repository(repository), by: .somebody)
    let contents = try await contents
    var removals: [RetentionRemovals.Step] = []
    for digests in steps.map({ Set($0.map(\.digest)) }) {
      removals.append(
        .init(
          .tags,
          contents.tags.filter { digests.contains(contents.manifests[Int($0.manifest)].digest) }
            .map { .init(row: $0.id, rule: 0) }))
      removals.append(
        .init(
          .manifests,
          contents.manifests.filter { digests.contains($0.digest) }.map { .init(row: $0.id, rule: 0) }))
    }
    let taken = RetentionRemovals(removals)
    var totals = RetentionTotals()
    (totals.tags, totals.manifests) = (taken.count(of: .tags), taken.count(of: .manifests))
    try await catalog.addRetentionPart(
      NewRetentionPart(run: run.id, repository: repository, totals: totals, rules: ["old things"], removals: taken))
    try await catalog.retentionPlanned(run.id)
    return run
  }

  /// Applies a run, a few things in each transaction.
  fileprivate func apply(_ run: RetentionRun, count: Int) async throws -> RetentionPart {
    _ = try await catalog.beginApplying(run.id, by: .somebody)
    let part = try #require(try await catalog.retentionParts(of: run.id, after: nil, limit: 9).first)
    let removals = try #require(try await catalog.removals(of: part.id))
    var done = part.done
    while done < removals.removals.count {
      done += try #require(try await catalog.applyRetention(removals, from: done, count: count, by: .somebody))
    }
    #expect(try await catalog.applyRetention(removals, from: 0, count: count, by: .somebody) == nil)
    return try #require(try await catalog.retentionParts(of: run.id, after: nil, limit: 9).first)
  }

  fileprivate var contents: RepositoryContents {
    get async throws { try #require(try await catalog.contents(of: repository)) }
  }
}
