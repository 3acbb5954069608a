internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let protection: [CatalogSuite] = [
    CatalogSuite("a protected tag is set once, and pushing the same again is fine") { scenario in
      try await scenario.protect(["v*"])
      let first = try await scenario.pushImage(["one"], tags: ["v1"])
      try await scenario.commit(first, tags: ["v1", "v1.0"])
      let before = try await scenario.catalog.auditEvents(AuditQuery(limit: 100))
      let second = Manifest.image(["two"])
      try await scenario.pushBlob("two")
      let refusal = try await scenario.refusal { try await scenario.commit(second, tags: ["latest", "v1"]) }
      #expect(refusal?.attempt == .move(.named("v1"), from: first.digest, to: second.digest))
      #expect(refusal?.repository == scenario.repository)
      #expect(refusal?.reason.rule?.rule == .of(["v*"]))
      #expect(refusal?.reason.rule?.madeBy == "somebody")
      #expect(try await scenario.resolve("v1") == first.digest)
      #expect(try await scenario.resolve("latest") == nil)
      #expect(try await !scenario.has(second), "nothing of the push is kept")
      #expect(try await scenario.catalog.auditEvents(AuditQuery(limit: 100)) == before)
      #expect(try await scenario.commit(second, tags: ["latest", "v2"]) == .stored)
    },
    CatalogSuite("a rule keeps tags that were there before it, and lets go of them with its end") { scenario in
      let first = try await scenario.pushImage(["one"], tags: ["v1", "latest"])
      let second = try await scenario.pushImage(["two"])
      let rule = try #require(await scenario.protect(["*", "!latest"]))
      #expect(try await scenario.commit(second, tags: ["latest"]) == .stored)
      #expect(try await scenario.refusal { try await scenario.commit(second, tags: ["v1"]) } != nil)
      #expect(try await scenario.unprotect())
      #expect(try await !scenario.catalog.removeRule(rule, by: .somebody))
      #expect(try await scenario.commit(second, tags: ["v1"]) == .stored)
      #expect(try await scenario.resolve("v1") == second.digest)
      #expect(try await scenario.has(first))
    },
    CatalogSuite("a protected tag is not deleted, alone or with its manifest, and other tags are") { scenario in
      try await scenario.protect(["semver"], of: "team")
      let image = try await scenario.pushImage(["config"], tags: ["1.2.3", "latest"])
      let delete = { (tag: String) in
        try await scenario.catalog.deleteTag(.named(tag), in: scenario.repository, by: .somebody)
      }
      let ofTag = try await scenario.refusal { _ = try await delete("1.2.3") }
      #expect(ofTag?.attempt == .deleteTag(.named("1.2.3")))
      #expect(try await delete("latest"))
      let ofManifest = try await scenario.refusal { try await scenario.delete(image) }
      #expect(ofManifest?.attempt == .deleteManifest(image.digest))
      #expect(ofManifest?.reason.rule?.name.value == "release")
      #expect(try await scenario.resolve("1.2.3") == image.digest)
    },
    CatalogSuite("a rule holds in the repositories that its pattern fits, and in no other") { scenario in
      try await scenario.protect(["v*"], of: "team/api", named: "one")
      try await scenario.protect(["v*"], of: "other", named: "all-of-other")
      try await scenario.protect(["r*"], of: "**", named: "everywhere")
      for (name, tag, isKept) in [
        ("team/api", "v1", true), ("team/app", "v1", false), ("other/a/b", "v1", true), ("others", "v1", false),
        ("team/app", "r1", true), ("solo", "r1", true), ("team/api", "x1", false),
      ] {
        let inside = scenario.inside(name)
        try await inside.pushImage(["one"], tags: [tag])
        try await inside.pushBlob("two")
        let refusal = try await scenario.refusal { try await inside.commit(.image(["two"]), tags: [tag]) }
        #expect((refusal != nil) == isKept, "\(name):\(tag)")
      }
      let names = { (repository: String) in
        try await scenario.catalog.rules(in: .named(repository)).map(\.name.value)
      }
      #expect(try await names("team/api") == ["everywhere", "one"])
      #expect(try await names("never/seen") == ["everywhere"])
    },
    CatalogSuite("tags under which clients keep signatures move and go, whatever the rules") { scenario in
      try await scenario.protect(["*"])
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      let tag = "\(Tag(referrersOf: image.digest)).sig"
      let first = try await scenario.pushImage(["signature"], tags: [tag])
      let second = try await scenario.pushImage(["two signatures"], tags: [tag])
      #expect(try await scenario.resolve(tag) == second.digest)
      #expect(try await scenario.delete(first) == .deleted)
      #expect(try await scenario.delete(second) == .deleted)
    },
    CatalogSuite("rules have names of their own, are listed by them, and say who made them") { scenario in
      for name in ["c", "a", "b"] {
        let made = try #require(await scenario.protect(["v*", "!v0*"], of: "team", named: name, .digests))
        #expect(made.rule == .of(["v*", "!v0*"], of: "team", named: name, .digests))
        #expect(try await scenario.catalog.rule(made.name)?.id == made.id)
      }
      #expect(try await scenario.protect(["x"], named: "a") == nil)
      let page = { (after: String?, limit: Int) in
        try await scenario.catalog.rules(where: { $0.name.value != "b" }, after: after, limit: limit).map(\.name.value)
      }
      #expect(try await page(nil, 10) == ["a", "c"])
      #expect(try await page(nil, 1) == ["a"])
      #expect(try await page("a", 1) == ["c"])
      #expect(try await scenario.unprotect("a"))
      #expect(try await !scenario.unprotect("a"))
      let events = try await scenario.catalog.auditEvents(AuditQuery(limit: 10)).reversed()
      #expect(events.map(\.action) == [.ruleAdd, .ruleAdd, .ruleAdd, .ruleRemove])
      #expect(events.last?.detail == ["repositories": "team", "tags": "v* !v0*", "protects": "digests"])
      #expect(events.allSatisfy { $0.actor == .somebody && $0.repository == nil })
    },
    CatalogSuite("what a mirror shows follows its upstream, unless a rule names its owner") { scenario in
      try await scenario.protect(["*"], of: "**", named: "everywhere")
      let (first, second) = (Manifest.image(["one"]), Manifest.image(["two"]))
      #expect(try await scenario.mirror(first, tags: ["latest"]) == .stored)
      #expect(try await scenario.mirror(second, tags: ["latest"]) == .stored)
      #expect(try await scenario.catalog.rules(in: scenario.repository) == [])
      try await scenario.protect(["*"], of: "team/*")
      #expect(try await scenario.catalog.rules(in: scenario.repository).map(\.name.value) == ["release"])
      #expect(try await scenario.refusal { try await scenario.mirror(first, tags: ["latest"]) } != nil)
      #expect(try await scenario.resolve("latest") == second.digest)
    },
    CatalogSuite("a rule is explained before its tag is set, and afterwards") { scenario in
      try await scenario.protect(["v*"])
      try await scenario.protect(["prod"], named: "deployed", .digests)
      let explain = { (reference: Reference) in
        try await scenario.catalog.protection(of: reference, in: scenario.repository)
      }
      let unset = try await explain(.tag(.named("v1")))
      #expect(unset.digest == nil)
      #expect(unset.reasons.map(\.rule?.name.value) == ["release"])
      let image = try await scenario.pushImage(["config"], tags: ["v1", "prod", "latest"])
      let index = Manifest.index([image])
      try await scenario.commit(index)
      #expect(try await explain(.tag(.named("v1"))).reasons.map(\.rule?.name.value) == ["release", "deployed"])
      #expect(try await explain(.tag(.named("latest"))).reasons.map(\.rule?.name.value) == ["deployed"])
      #expect(try await explain(.digest(image.digest)).reasons.map(\.rule?.name.value) == ["release", "deployed"])
      #expect(try await explain(.digest(index.digest)).reasons == [])
      try await scenario.hold(index)
      let held = try await explain(.digest(image.digest)).reasons.compactMap(\.hold)
      #expect(held.map(\.manifest.digest) == [index.digest])
      #expect(try await explain(.digest(.blob("absent"))) == Protection(digest: nil, reasons: []))
    },
  ]
}

extension CatalogScenario {
  /// Stores a manifest as fetched from Docker Hub.
  @discardableResult
  func mirror(_ manifest: Manifest, tags: [String] = []) async throws -> ManifestCommit {
    try await catalog.commitManifest(
      ManifestPush(
        repository: repository, manifest: manifest, digest: manifest.digest, tags: tags.map { .named($0) },
        allowsSparseIndex: true, origin: MirrorOrigin(host: .dockerHub, visibility: .internal), actor: .somebody))
  }

  /// Evicts one mirrored manifest.
  ///
  /// - Returns: how many there were.
  func evict(pulledBefore cutoff: Timestamp = .farFuture) async throws -> Int {
    try await catalog.evictMirrored(pulledBefore: cutoff, waitingSince: .now - .seconds(3600), limit: 1)
  }
}
