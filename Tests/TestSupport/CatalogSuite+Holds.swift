internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let holds: [CatalogSuite] = [
    CatalogSuite("what is held is not deleted until it is let go, and its tags move") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      guard case .held(let hold) = try await scenario.hold(image) else { return #expect(Bool(false), "it is not held") }
      #expect(hold.manifest == RepositoryDigest(repository: scenario.repository, digest: image.digest))
      #expect(hold.heldBy == "somebody" && hold.reason.description == "evidence")
      let refusal = try await scenario.refusal { try await scenario.delete(image) }
      #expect(refusal?.attempt == .deleteManifest(image.digest))
      #expect(refusal?.reason == .hold(hold))
      #expect(try await scenario.resolve("v1") == image.digest, "its tags did not end")
      try await scenario.pushImage(["other"], tags: ["v1"])
      #expect(try await scenario.refusal { try await scenario.delete(image) } != nil)
      #expect(try await scenario.release(image) == .released(hold))
      #expect(try await scenario.release(image) == .notHeld(image.digest))
      #expect(try await scenario.delete(image) == .deleted)
      #expect(try await scenario.hold(image) == .unknown)
      #expect(try await scenario.release(image) == .unknown)
    },
    CatalogSuite("a tag holds what it names then; a second reason is refused, the same is not") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      let byTag = Reference.tag(.named("v1"))
      let hold = { (reason: String) in
        try await scenario.catalog.hold(
          byTag, in: scenario.repository, reason: try HoldReason(parsing: reason), by: .somebody)
      }
      guard case .held(let first) = try await hold("evidence") else { return #expect(Bool(false), "it is not held") }
      #expect(first.manifest.digest == image.digest)
      #expect(try await hold("evidence") == .held(first))
      #expect(try await hold("another") == .heldAlready(first))
      let other = try await scenario.pushImage(["other"], tags: ["v1"])
      #expect(
        try await scenario.catalog.release(byTag, in: scenario.repository, by: .somebody) == .notHeld(other.digest))
      #expect(try await scenario.release(image) == .released(first))
      let events = try await scenario.catalog.auditEvents(AuditQuery(limit: 100)).reversed()
        .filter { [.holdAdd, .holdRemove].contains($0.action) }
      #expect(events.map(\.subject) == [image.digest.description, image.digest.description])
      #expect(events.first?.detail == ["reason": "evidence", "tag": "v1"])
      #expect(events.last?.detail["heldBy"] == "somebody")
      #expect(events.allSatisfy { $0.repository == scenario.repository.value })
    },
    CatalogSuite("what is kept about something held stays, also under a tag that cuts its digest off") { scenario in
      let image = Manifest.image(["config"])
      let long = Digest.of(image.bytes, algorithm: .sha512)
      try await scenario.pushBlob("config")
      try await scenario.commit(image, as: long)
      _ = try await scenario.catalog.hold(
        .digest(long), in: scenario.repository, reason: try HoldReason(parsing: "evidence"), by: .somebody)
      for tag in ["\(Tag(referrersOf: long)).sig", "sha512-\(long.hex.prefix(121))"] {
        let about = try await scenario.pushImage(["about", tag], tags: [tag])
        let refusal = try await scenario.refusal { try await scenario.delete(about) }
        #expect(refusal?.reason.hold?.manifest.digest == long, "\(tag)")
        let ofTag = try await scenario.refusal {
          _ = try await scenario.catalog.deleteTag(.named(tag), in: scenario.repository, by: .somebody)
        }
        #expect(ofTag?.reason.hold?.manifest.digest == long, "\(tag)")
      }
    },
    CatalogSuite("what a held manifest lists, and what refers to it, stays at any depth") { scenario in
      let child = try await scenario.pushImage(["child"])
      let signedChild = try await scenario.pushImage(["child's signature"], subject: child)
      let inner = Manifest.index([child])
      try await scenario.commit(inner)
      let index = Manifest.index([inner])
      try await scenario.commit(index)
      let signature = try await scenario.pushImage(["signature"], subject: index)
      let attested = try await scenario.pushImage(["attestation"], subject: signature)
      let older = try await scenario.pushImage(["older"], tags: ["\(Tag(referrersOf: index.digest)).sig"])
      let stray = try await scenario.pushImage(["stray"])
      try await scenario.hold(index)
      for manifest in [signedChild, signature, attested, older, index] {
        let refusal = try await scenario.refusal { try await scenario.delete(manifest) }
        #expect(refusal?.reason.hold?.manifest.digest == index.digest)
      }
      #expect(try await scenario.delete(child) == .needed(by: inner.digest))
      let ofTag = try await scenario.refusal {
        _ = try await scenario.catalog.deleteTag(
          .named("\(Tag(referrersOf: index.digest)).sig"), in: scenario.repository, by: .somebody)
      }
      #expect(ofTag?.reason.hold?.manifest.digest == index.digest)
      for limit in [1, 100] {
        try await scenario.collect(untaggedSince: .farFuture, limit: limit)
        for manifest in [child, signedChild, inner, index, signature, attested, older] {
          #expect(try await scenario.has(manifest))
        }
      }
      #expect(try await !scenario.has(stray))
      #expect(try await scenario.release(index) != .unknown)
      try await scenario.collect(untaggedSince: .afterFarFuture)
      for manifest in [child, signedChild, inner, index, signature, attested] {
        #expect(try await !scenario.has(manifest))
      }
      #expect(try await scenario.has(older), "it has a tag")
    },
    CatalogSuite("a held child outlasts the index that lists it") { scenario in
      let child = try await scenario.pushImage(["child"])
      let other = try await scenario.pushImage(["other"])
      let index = Manifest.index([child, other])
      try await scenario.commit(index, tags: ["latest"])
      try await scenario.hold(child)
      #expect(try await scenario.delete(index) == .deleted)
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("other")])
      #expect(try await scenario.has(child))
      try await scenario.release(child)
      #expect(try await scenario.collect(untaggedSince: .afterFarFuture) == [.blob("child")])
    },
    CatalogSuite("a forecast leaves out what is held or kept by a rule, and what these keep") { scenario in
      let child = try await scenario.pushImage(["child"])
      let index = Manifest.index([child])
      try await scenario.commit(index)
      try await scenario.hold(index)
      let deployed = try await scenario.pushImage(["deployed"], tags: ["prod"])
      try await scenario.pushImage(["next"], tags: ["prod"])
      let signature = try await scenario.pushImage(["signature"], subject: deployed)
      let stray = try await scenario.pushImage(["stray"])
      try await scenario.protect(["prod"], .digests)
      let forecast = try await scenario.catalog.collectable(waitingSince: .farFuture, untaggedSince: .farFuture)
      #expect(forecast.manifests.map(\.digest) == [stray.digest])
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("stray")])
      for manifest in [child, index, deployed, signature] {
        #expect(try await scenario.has(manifest))
      }
    },
    CatalogSuite("a rule for digests keeps what has or had a tag, and lets the tag move") { scenario in
      try await scenario.protect(["prod"], .digests)
      let first = try await scenario.pushImage(["one"], tags: ["prod"])
      let second = try await scenario.pushImage(["two"], tags: ["prod", "latest"])
      let signature = try await scenario.pushImage(["signature"], subject: first)
      let staged = try await scenario.pushImage(["three"], tags: ["staging"])
      for manifest in [first, second, signature] {
        let refusal = try await scenario.refusal { try await scenario.delete(manifest) }
        #expect(refusal?.reason.rule?.name.value == "release")
      }
      #expect(try await scenario.catalog.deleteTag(.named("prod"), in: scenario.repository, by: .somebody))
      #expect(try await scenario.catalog.deleteTag(.named("latest"), in: scenario.repository, by: .somebody))
      #expect(try await scenario.delete(staged) == .deleted)
      try await scenario.collect(untaggedSince: .farFuture)
      for manifest in [first, second, signature] { #expect(try await scenario.has(manifest)) }
      try await scenario.unprotect()
      try await scenario.collect(untaggedSince: .afterFarFuture)
      for manifest in [first, second, signature] { #expect(try await !scenario.has(manifest)) }
    },
    CatalogSuite("what is held of a mirror is not evicted, nor what refers to it, nor what a rule keeps there") {
      scenario in
      let held = Manifest.image(["held"])
      let signature = Manifest.image(["signature"], subject: held)
      let kept = Manifest.image(["kept"])
      let (free, everywhere) = (Manifest.image(["free"]), Manifest.image(["everywhere"]))
      for (manifest, tags) in [
        (held, []), (signature, []), (kept, ["v1"]), (free, ["latest"]), (everywhere, ["w1"]),
      ] {
        try await scenario.mirror(manifest, tags: tags)
      }
      try await scenario.hold(held)
      try await scenario.protect(["v*"])
      try await scenario.protect(["w*"], of: "**", named: "everywhere")
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.evict() == 0)
      for manifest in [held, signature, kept] { #expect(try await scenario.has(manifest)) }
      for manifest in [free, everywhere] { #expect(try await !scenario.has(manifest)) }
      try await scenario.release(held)
      try await scenario.unprotect()
      for _ in 0..<3 { #expect(try await scenario.evict() == 1) }
    },
    CatalogSuite("holds are listed in the order in which they were made, of one repository or of all") { scenario in
      let other = scenario.inside("other/app")
      for (place, name) in [(scenario, "c"), (other, "b"), (scenario, "a")] {
        try await place.hold(try await place.pushImage([name]), reason: name)
      }
      let list = { (repository: RepositoryName?, after: Int64?, limit: Int) in
        try await scenario.catalog.holds(in: repository, where: { _ in true }, after: after, limit: limit)
      }
      let reasons = { (holds: [Hold]) in holds.map(\.reason.description) }
      let all = try await list(nil, nil, 10)
      #expect(reasons(all) == ["c", "b", "a"])
      #expect(reasons(try await list(nil, nil, 2)) == ["c", "b"])
      #expect(reasons(try await list(nil, all[1].id, 2)) == ["a"])
      #expect(reasons(try await list(scenario.repository, nil, 10)) == ["c", "a"])
      #expect(reasons(try await list(scenario.repository, all[0].id, 10)) == ["a"])
      #expect(try await list(.named("absent"), nil, 10) == [])
      let ofOthers = try await scenario.catalog.holds(
        in: nil, where: { $0.manifest.repository == other.repository }, after: nil, limit: 1)
      #expect(reasons(ofOthers) == ["b"])
    },
  ]
}

extension Timestamp {
  /// After what clean-up looked at by `farFuture`, and left alone for that time.
  fileprivate static let afterFarFuture = Timestamp(milliseconds: Timestamp.farFuture.milliseconds + 1)
}
