internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let history: [CatalogSuite] = [
    CatalogSuite("a tag's history tells each digest, from when to when, by whom and from where, the newest first") {
      scenario in
      let workflow = Author(name: "team/api@refs/heads/main run 7 (github)", credential: "oidc", address: "192.0.2.7")
      let first = try await scenario.pushImage(["one"], tags: ["latest"])
      let second = Manifest.image(["one"], annotations: ["n": "2"])
      try await scenario.commit(second, tags: ["latest"], by: workflow)
      #expect(try await scenario.deleteTag("latest", by: Author(name: "alice")))
      try await scenario.commit(first, tags: ["latest"])

      let history = try await scenario.history(of: "latest")
      #expect(history.map(\.digest) == [first.digest, second.digest, first.digest])
      #expect(history.map(\.beganBy) == [.somebody, workflow, .somebody])
      #expect(history.map(\.end?.by) == [nil, Author(name: "alice"), workflow])
      #expect(history.map(\.end?.isDeletion) == [nil, true, false])
      #expect(history.last?.end?.at == history[1].beganAt)
      let page = try await scenario.catalog.lifetimes(
        of: .named("latest"), in: scenario.repository, after: history[0].row, limit: 1)
      #expect(page == [history[1]])
      #expect(try await scenario.history(of: "other").isEmpty)
    },
    CatalogSuite("what a tag named at a moment is told, and why it named nothing") { scenario in
      let at = { (moment: Timestamp) in
        try await scenario.catalog.lifetime(of: .named("latest"), in: scenario.repository, at: moment)
      }
      #expect(try await at(.now) == .neverSet)
      let before = await scenario.moment()
      let first = try await scenario.pushImage(["one"], tags: ["latest"])
      let between = await scenario.moment()
      let second = try await scenario.pushImage(["two"], tags: ["latest"])
      let after = await scenario.moment()
      #expect(try await scenario.deleteTag("latest"))
      let history = try await scenario.history(of: "latest")
      #expect(history.map(\.digest) == [second.digest, first.digest])
      #expect(try await at(before) == .notYet(first: history[1]))
      #expect(try await at(between) == .named(history[1]))
      #expect(try await at(after) == .named(history[0]))
      #expect(try await at(.farFuture) == .deleted(history[0]))
      #expect(try await at(history[0].beganAt) == .named(history[0]))
    },
    CatalogSuite("a tag is rolled back to what it named before, to a digest or to a moment") { scenario in
      let images = [
        try await scenario.pushImage(["one"], tags: ["latest"]),
        try await scenario.pushImage(["two"], tags: ["latest"]),
      ]
      let then = await scenario.moment()
      let third = try await scenario.pushImage(["three"], tags: ["latest"])
      #expect(
        try await scenario.rollBack("latest") == .moved(from: third.digest, to: images[1].digest, restored: []))
      #expect(try await scenario.resolve("latest") == images[1].digest)
      #expect(
        try await scenario.rollBack("latest") == .moved(from: images[1].digest, to: third.digest, restored: []))
      #expect(
        try await scenario.rollBack("latest", to: .digest(images[0].digest))
          == .moved(from: third.digest, to: images[0].digest, restored: []))
      #expect(
        try await scenario.rollBack("latest", to: .moment(then))
          == .moved(from: images[0].digest, to: images[1].digest, restored: []))
      #expect(try await scenario.rollBack("latest", to: .moment(then)) == .unchanged(images[1].digest))
      #expect(
        try await scenario.history(of: "latest").prefix(4).map(\.reason) == [
          .rollback, .rollback, .rollback, .rollback,
        ])
      let moves = try await scenario.catalog.auditEvents(AuditQuery(limit: 4))
      #expect(moves.allSatisfy { $0.action == .tagMove && $0.detail["reason"] == "rollback" })
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("one"), .blob("three")])
      #expect(try await scenario.has(images[1]), "what a tag was rolled back to has a tag")
    },
    CatalogSuite("a rollback that cannot be is refused, and changes nothing") { scenario in
      #expect(try await scenario.rollBack("latest") == .noTag)
      let image = try await scenario.pushImage(["one"], tags: ["latest"])
      let other = try await scenario.pushImage(["two"])
      #expect(try await scenario.rollBack("latest") == .noPrevious)
      #expect(try await scenario.rollBack("latest", to: .digest(other.digest)) == .notInHistory(other.digest))
      #expect(
        try await scenario.rollBack("latest", to: .digest(image.digest), expected: .digest(other.digest))
          == .unexpected(image.digest))
      let history = try await scenario.history(of: "latest")
      #expect(
        try await scenario.rollBack("latest", to: .moment(.farPast)) == .nothingThen(.notYet(first: history[0])))
      try await scenario.commit(other, tags: ["latest"])
      try await scenario.delete(image)
      #expect(try await scenario.rollBack("latest") == .gone(image.digest))
      #expect(try await scenario.resolve("latest") == other.digest)
      #expect(try await scenario.deleteTag("latest"))
      #expect(try await scenario.rollBack("latest") == .noTag)
    },
    CatalogSuite("a rollback restores what it needs from the trash") { scenario in
      try await scenario.keepTrash()
      let child = try await scenario.pushImage(["child"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["latest"])
      let other = try await scenario.pushImage(["other"], tags: ["latest"])
      try await scenario.delete(index)
      try await scenario.delete(child)
      let outcome = try await scenario.rollBack("latest", expected: .digest(other.digest))
      #expect(
        outcome
          == .moved(from: other.digest, to: index.digest, restored: [index.digest, child.digest].sorted()))
      #expect(try await scenario.has(child))
      #expect(try await scenario.hasBlob("child"))
      #expect(try await scenario.trash().isEmpty)
    },
  ]

  static let promotion: [CatalogSuite] = [
    CatalogSuite("all tags of a promotion are moved, or none") { scenario in
      let old = try await scenario.pushImage(["old"], tags: ["1", "latest"])
      let other = try await scenario.pushImage(["other"], tags: ["1.2"])
      let new = try await scenario.pushImage(["new"], tags: ["main-1"])
      let tags = ["v1.2.3", "1.2", "1", "latest"]
      #expect(
        try await scenario.promote(.tag(.named("main-1")), tags, expected: .digest(old.digest))
          == .unexpected(.named("1.2"), other.digest))
      #expect(
        try await scenario.promote(.tag(.named("main-1")), tags, expected: .nothing)
          == .unexpected(.named("1"), old.digest))
      #expect(try await scenario.resolve("latest") == old.digest)
      #expect(try await scenario.promote(.tag(.named("none")), tags) == .unknown)

      let moves = [("1", old.digest), ("1.2", other.digest), ("latest", old.digest), ("v1.2.3", nil)].map { tag, from in
        PromotionResult.Move(tag: .named(tag), from: from)
      }
      #expect(
        try await scenario.promote(.tag(.named("main-1")), tags)
          == .promoted(PromotionResult(digest: new.digest, moves: moves, added: [], referrerTags: [])))
      for tag in tags { #expect(try await scenario.resolve(tag) == new.digest) }
      let actions = try await scenario.auditedActions()
      #expect(
        actions.prefix(5).sorted { $0.rawValue < $1.rawValue } == [.promote, .tagMove, .tagMove, .tagMove, .tagMove])
      let event = try await scenario.catalog.auditEvents(AuditQuery(limit: 5)).first { $0.action == .promote }
      #expect(event?.detail["source"] == "team/app:main-1")
      #expect(event?.detail["before"] == "1=\(old.digest) 1.2=\(other.digest) latest=\(old.digest)")

      guard case .promoted(let again) = try await scenario.promote(.digest(new.digest), tags, expected: .nothing) else {
        Issue.record("a promotion that was done is not refused")
        return
      }
      #expect(!again.isChange)
      #expect(try await scenario.auditedActions() == actions, "what changes nothing is not audited")
    },
    CatalogSuite("a promotion to another repository brings all that belongs to the image, and nothing else") {
      scenario in
      let prod = scenario.inside("team/prod")
      let children = [
        try await scenario.pushImage(["amd64", "base"]), try await scenario.pushImage(["arm64", "base"]),
      ]
      let inner = Manifest.index([children[1]])
      try await scenario.commit(inner)
      let index = Manifest.index([children[0], inner])
      try await scenario.commit(index, tags: ["main"])
      let signature = try await scenario.pushImage(["signature"], subject: index)
      let signed = try await scenario.pushImage(["signature of it"], subject: signature)
      let stem = Tag(referrersOf: children[0].digest).value
      let cosign = try await scenario.pushImage(["cosign"], tags: ["\(stem).sig"])
      let other = try await scenario.pushImage(["other"], tags: ["other"])

      guard case .promoted(let result) = try await scenario.promote(.tag(.named("main")), to: prod, ["v1", "latest"])
      else {
        Issue.record("the promotion was refused")
        return
      }
      let all = children + [inner, index, signature, signed, cosign]
      #expect(result.added == all.map(\.digest).sorted())
      #expect(result.referrerTags.map(\.value) == ["\(stem).sig"])
      #expect(try await !prod.has(other))
      for manifest in all { #expect(try await prod.has(manifest)) }
      #expect(
        try await prod.catalog.referrers(
          to: index.digest, in: prod.repository, artifactType: nil, after: nil, limit: 10
        ).map(\.digest) == [signature.digest])

      for tag in ["main", "\(stem).sig", "other"] { #expect(try await scenario.deleteTag(tag)) }
      let removed = try await scenario.collect(untaggedSince: .farFuture)
      #expect(removed == [.blob("other")])
      for manifest in all { #expect(try await prod.has(manifest)) }
      for blob in ["amd64", "arm64", "base", "signature", "signature of it", "cosign"] {
        #expect(try await prod.hasBlob(blob))
      }
      #expect(try await prod.resolve("v1") == index.digest)
      #expect(try await prod.delete(children[0]) == .needed(by: index.digest))
    },
    CatalogSuite("a promotion that is done again adds only what is new") { scenario in
      let prod = scenario.inside("team/prod")
      let image = try await scenario.pushImage(["image"], tags: ["main"])
      _ = try await scenario.promote(.tag(.named("main")), to: prod, ["v1"])
      let signature = try await scenario.pushImage(["signature"], subject: image)
      guard case .promoted(let again) = try await scenario.promote(.tag(.named("main")), to: prod, ["v1"]) else {
        Issue.record("the promotion was refused")
        return
      }
      #expect(again.added == [signature.digest])
      #expect(again.isChange)
      try await prod.delete(image)
      _ = try await scenario.promote(.tag(.named("main")), to: prod, ["v1"])
      try await prod.collect()
      #expect(try await prod.resolve("v1") == image.digest)
      #expect(try await prod.hasBlob("image"))
    },
    CatalogSuite("what a mirror has not fetched cannot be promoted from it") { scenario in
      let image = Manifest.image(["config"])
      try await scenario.mirror(image, tags: ["latest"])
      let prod = scenario.inside("team/prod")
      #expect(try await scenario.promote(.tag(.named("latest")), to: prod, ["v1"]) == .incomplete(.blob("config")))
      #expect(try await prod.resolve("v1") == nil)
      try await scenario.pushBlob("config")
      guard case .promoted = try await scenario.promote(.tag(.named("latest")), to: prod, ["v1"]) else {
        Issue.record("the promotion was refused")
        return
      }
      #expect(try await prod.hasBlob("config"))
    },
  ]
}
