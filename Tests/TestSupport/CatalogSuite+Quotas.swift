internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let quotas: [CatalogSuite] = [
    CatalogSuite("a repository has its blobs once and its manifests, and an owner what its repositories have") {
      scenario in
      let other = scenario.inside("team/other")
      for scope in ["team", "team/app", "team/other", "elsewhere"] { try await scenario.setQuota(1 << 40, of: scope) }
      let one = try await scenario.pushImage(["shared", "one"])
      let two = try await scenario.pushImage(["shared", "two"])
      let size = Int64(one.bytes.count + two.bytes.count) + 6 + 3 + 3
      #expect(try await scenario.used("team/app") == size)
      #expect(try await scenario.used("team/other") == 0)
      try await other.pushBlob("shared")
      #expect(try await scenario.used("team/other") == 6, "what was pushed counts before its manifest is there")
      #expect(try await scenario.used("team") == size + 6)
      #expect(try await scenario.used("elsewhere") == 0)
      try await scenario.commit(one, tags: ["again"])
      #expect(try await scenario.used("team/app") == size)
    },
    CatalogSuite("what is deleted, or moved to the trash, makes room at once, and takes it again when it is restored") {
      scenario in
      try await scenario.keepTrash()
      try await scenario.setQuota(1 << 40, of: "team")
      let kept = try await scenario.pushImage(["shared", "kept"])
      let before = try await scenario.used("team")
      let image = try await scenario.pushImage(["shared", "own"], tags: ["v1"])
      let after = try await scenario.used("team")
      try await scenario.delete(image)
      #expect(try await scenario.used("team") == before)
      try await scenario.restore(.digest(image.digest))
      #expect(try await scenario.used("team") == after)
      try await scenario.delete(image)
      _ = try await scenario.catalog.emptyTrash(of: nil, by: .somebody)
      #expect(try await scenario.used("team") == before)
      try await scenario.pushBlob("own")
      #expect(try await scenario.used("team") == before + 3, "what is pushed again counts again")
      #expect(try await scenario.collect() == [.blob("own")])
      #expect(try await scenario.used("team") == before)
      try await scenario.delete(kept)
      #expect(try await scenario.used("team") == 0)
    },
    CatalogSuite("a blob that would have more there than a quota allows is not linked, and one that fits is") {
      scenario in
      try await scenario.setQuota(10, of: "team/app")
      try await scenario.pushBlob("12345")
      #expect(try await scenario.pushBlob("12345") == .linked, "what is there adds nothing")
      let refusal = try await scenario.quotaRefusal { try await scenario.pushBlob("123456") }
      #expect(refusal?.quota == Quota(scope: .repository(scenario.repository), limit: 10, used: 5))
      #expect(refusal?.needed == 6)
      #expect(try await !scenario.hasBlob("123456"))
      try await scenario.inside("other/app").pushBlob("123456")
      let mount = try await scenario.quotaRefusal {
        _ = try await scenario.catalog.mountBlob(.blob("123456"), from: nil, to: scenario.repository)
      }
      #expect(mount?.needed == 6)
      #expect(try await scenario.pushBlob("abcde") == .linked)
      let begun = try await scenario.quotaRefusal {
        try await scenario.catalog.beginUpload(UploadID(), in: scenario.repository)
      }
      #expect(begun?.quota.room == 0)
      #expect(try await scenario.catalog.tightestQuota(in: scenario.repository)?.room == 0)
      #expect(try await scenario.used("team/app") == 10)
    },
    CatalogSuite("a manifest that would have more there than its owner's quota allows is not stored") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      try await scenario.setQuota(6 + Int64(image.bytes.count) + 1, of: "team")
      let index = Manifest.index([image])
      let refusal = try await scenario.quotaRefusal { try await scenario.commit(index, tags: ["v1"]) }
      #expect(refusal?.quota.scope == .owner(.named("team")))
      #expect(refusal?.needed == Int64(index.bytes.count))
      #expect(try await scenario.resolve("v1") == image.digest)
      #expect(try await scenario.commit(image, tags: ["v2"]) == .stored, "a tag takes no room")
      try await scenario.setQuota(1, of: "team")
      #expect(try await scenario.commit(image, tags: ["v3"]) == .stored, "nor does it where there is too much already")
      #expect(try await scenario.catalog.tightestQuota(in: .named("team/new"))?.room == 0)
    },
    CatalogSuite("promotion is held to the quota of where it goes, and bringing back to none") { scenario in
      try await scenario.keepTrash()
      let target = scenario.inside("prod/app")
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      try await scenario.setQuota(5, of: "prod")
      let refusal = try await scenario.quotaRefusal {
        _ = try await scenario.promote(.digest(image.digest), to: target, ["v1"])
      }
      #expect(refusal?.needed == Int64(image.bytes.count) + 6)
      #expect(try await target.resolve("v1") == nil)
      try await scenario.setQuota(1 << 20, of: "prod")
      _ = try await scenario.promote(.digest(image.digest), to: target, ["v1"])
      #expect(try await target.resolve("v1") == image.digest)

      try await scenario.delete(image)
      try await scenario.setQuota(0, of: "team")
      try await scenario.restore(.tag(.named("v1")))
      #expect(try await scenario.resolve("v1") == image.digest)
      #expect(try await scenario.used("team") == Int64(image.bytes.count) + 6)
    },
    CatalogSuite("what a mirror fetches is counted, and no quota refuses it") { scenario in
      try await scenario.mirror(.image(["config"]))
      try await scenario.setQuota(1, of: "team")
      #expect(try await scenario.pushBlob("config") == .linked)
      #expect(try await scenario.mirror(.image(["config", "layer"])) == .stored)
      #expect(try await scenario.catalog.tightestQuota(in: scenario.repository) == nil)
      #expect(try await scenario.used("team") > 6)
    },
    CatalogSuite("that a quota was exceeded is recorded once until there is less") { scenario in
      try await scenario.setQuota(10, of: "team")
      try await scenario.pushBlob("12345678")
      let note = {
        try await scenario.catalog.noteExceeded(
          .owner(.named("team")), in: scenario.repository, needed: 5, by: .somebody)
      }
      let noted = { try await scenario.auditedActions().count { $0 == .quotaExceeded } }
      try await note()
      try await note()
      try await scenario.pushBlob("1")
      try await note()
      #expect(try await noted() == 1)
      let event = try await scenario.catalog.auditEvents(AuditQuery(limit: 1)).first
      #expect(event?.outcome == .denied)
      #expect(event?.subject == "team")
      #expect(event?.repository == "team/app")
      #expect(event?.detail == ["limit": "10", "used": "8", "needed": "5"])
      #expect(try await scenario.collect() == [.blob("12345678"), .blob("1")])
      try await note()
      #expect(try await noted() == 2)
      try await scenario.setQuota(11, of: "team")
      try await note()
      #expect(try await noted() == 3)
      #expect(try await scenario.catalog.removeQuota(of: .owner(.named("team")), by: .somebody))
      try await note()
      #expect(try await noted() == 3)
    },
    CatalogSuite("quotas are set, listed and taken away, and recorded") { scenario in
      let owner = try await scenario.setQuota(10, of: "team")
      #expect(owner.setBy == "somebody")
      try await scenario.setQuota(20, of: "team/app")
      try await scenario.setQuota(30, of: "other")
      let listed = try await scenario.catalog.quotas(where: { $0.owner == .named("team") }, after: nil, limit: 10)
      #expect(listed.map(\.quota.scope.description) == ["team", "team/app"])
      let next = try await scenario.catalog.quotas(where: { _ in true }, after: "other", limit: 1)
      #expect(next.map(\.quota.scope.description) == ["team"])
      try await scenario.setQuota(15, of: "team")
      #expect(try await scenario.catalog.quota(of: .owner(.named("team")))?.quota.limit == 15)
      #expect(try await scenario.catalog.removeQuota(of: .owner(.named("other")), by: .somebody))
      #expect(try await !scenario.catalog.removeQuota(of: .owner(.named("other")), by: .somebody))
      let events = try await scenario.catalog.auditEvents(AuditQuery(limit: 2))
      #expect(events.map(\.action) == [.quotaRemove, .quotaSet])
      #expect(events.map(\.detail) == [["from": "30"], ["from": "10", "limit": "15"]])
      try await scenario.makeOrganization("team")
      #expect(try await scenario.catalog.deleteAccount(.named("team"), by: .somebody) == .deleted)
      #expect(try await scenario.catalog.quotas(where: { _ in true }, after: nil, limit: 10).isEmpty)
    },
    CatalogSuite("whatever is pushed, mounted, promoted, deleted, restored and collected, what is counted is there") {
      scenario in
      for seed in 0..<12 {
        try await RandomUsage(seed: UInt64(seed), scenario, owner: "random-\(seed)").run()
      }
    },
  ]
}

/// Two repositories of one owner in which things come and go by chance.
private struct RandomUsage {
  private let seed: UInt64
  private let places: [CatalogScenario]
  private let owner: String

  init(seed: UInt64, _ scenario: CatalogScenario, owner: String) {
    self.seed = seed
    self.owner = owner
    places = ["a", "b"].map { scenario.inside("\(owner)/\($0)") }
  }

  func run() async throws {
    var chance = SeededNumbers(seed: seed)
    let catalog = places[0].catalog
    try await places[0].setQuota(1 << 40, of: owner)
    for place in places { try await place.setQuota(1 << 40, of: place.repository.value) }
    if Bool.random(using: &chance) { try await places[0].keepTrash() }
    var manifests: [Manifest] = []
    for step in 0..<40 {
      let (place, other) = Bool.random(using: &chance) ? (places[0], places[1]) : (places[1], places[0])
      let known = manifests.randomElement(using: &chance)
      switch Int.random(in: 0..<10, using: &chance) {
      case 0, 1, 2:
        let blobs = ["config \(step % 7)", "layer \(Int.random(in: 0..<5, using: &chance))"]
        manifests.append(
          try await place.pushImage(blobs, subject: known, tags: ["t\(Int.random(in: 0..<4, using: &chance))"]))
      case 3:
        guard let known, try await place.has(known) else { continue }
        let index = Manifest.index([known])
        try await place.commit(index)
        manifests.append(index)
      case 4: try await place.pushBlob("layer \(Int.random(in: 0..<9, using: &chance))")
      case 5:
        _ = try await catalog.mountBlob(.blob("layer 1"), from: other.repository, to: place.repository)
        _ = try await catalog.deleteBlob(.blob("layer 2"), in: place.repository, by: .somebody)
      case 6:
        if let known { _ = try await place.promote(.digest(known.digest), to: other, ["promoted"]) }
      case 7:
        if let known { try await place.delete(known) }
        _ = try await place.deleteTag("t1")
      case 8:
        if let known { try await place.restore(.digest(known.digest), withTags: true) }
      default:
        try await place.collect(
          untaggedSince: Bool.random(using: &chance) ? .farFuture : nil,
          trashUntil: Bool.random(using: &chance) ? .farFuture : nil)
      }
      #expect(try await catalog.usageFaults() == [], "after step \(step) of \(seed)")
    }
    // What has no manifest goes, and then there is what manifests need, which another query tells.
    try await places[0].collect()
    var sum: Int64 = 0
    for place in places {
      let contents = try await catalog.contents(of: place.repository)
      let bytes =
        (contents?.manifests.reduce(0) { $0 + $1.size } ?? 0) + (contents?.blobs.reduce(0) { $0 + $1.size } ?? 0)
      #expect(try await place.used(place.repository.value) == bytes)
      sum += bytes
    }
    #expect(try await places[0].used(owner) == sum)
  }
}

extension CatalogScenario {
  @discardableResult
  func setQuota(_ limit: Int64, of scope: String) async throws -> QuotaRecord {
    try await catalog.setQuota(limit, of: try QuotaScope(parsing: scope), by: .somebody)
  }

  /// How many bytes there are in a scope that has a quota.
  fileprivate func used(_ scope: String) async throws -> Int64 {
    try await catalog.quota(of: try QuotaScope(parsing: scope))?.quota.used ?? -1
  }

  /// Why a quota refuses a change; nil where none does.
  fileprivate func quotaRefusal(_ change: () async throws -> Void) async throws -> QuotaRefusal? {
    do {
      try await change()
      return nil
    } catch CatalogError.overQuota(let refusal) {
      return refusal
    }
  }
}
