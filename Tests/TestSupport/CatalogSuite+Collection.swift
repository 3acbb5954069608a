internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let collection: [CatalogSuite] = [
    CatalogSuite("a collection takes what nothing needs, in every repository, and leaves the rest") { scenario in
      let kept = try await scenario.pushImage(["config", "base", "kept"], tags: ["kept"])
      let gone = try await scenario.pushImage(["config", "base", "gone"], tags: ["gone"])
      try await scenario.pushBlob("never named")
      try await scenario.inside("other").pushBlob("gone elsewhere")
      try await scenario.delete(gone)
      let removed = try await scenario.collect(limit: 2)
      #expect(removed == [.blob("gone"), .blob("never named"), .blob("gone elsewhere")])
      #expect(try await scenario.has(kept))
      for name in ["config", "base", "kept"] {
        #expect(try await scenario.hasBlob(name))
      }
      #expect(try await !scenario.catalog.knowsBlob(.blob("gone")))
      #expect(try await scenario.catalog.totals().reviewQueue == 0)
    },
    CatalogSuite("a blob stays while one repository of two needs it") { scenario in
      let other = scenario.inside("other")
      let images = [try await scenario.pushImage(["shared"]), try await other.pushImage(["shared"])]
      try await scenario.delete(images[0])
      #expect(try await scenario.collect().isEmpty)
      #expect(try await !scenario.hasBlob("shared"))
      #expect(try await other.hasBlob("shared"))
      try await other.delete(images[1])
      #expect(try await scenario.collect() == [.blob("shared")])
    },
    CatalogSuite("what has not waited for long enough stays") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.pushBlob("unused")
      try await scenario.delete(image)
      #expect(try await scenario.collect(waitingSince: .farPast).isEmpty)
      #expect(try await scenario.hasBlob("unused"))
      #expect(try await scenario.commit(image) == .stored)
    },
    CatalogSuite("a deleted manifest that is pushed again stays, with its blobs") { scenario in
      let image = try await scenario.pushImage(["config", "layer"], tags: ["latest"])
      try await scenario.delete(image)
      try await scenario.commit(image, tags: ["again"])
      #expect(try await scenario.collect().isEmpty)
      #expect(try await scenario.resolve("again") == image.digest)
      #expect(try await scenario.hasBlob("layer"))
      try await scenario.delete(image)
      #expect(try await scenario.collect() == [.blob("config"), .blob("layer")])
    },
    CatalogSuite("the blobs of a hidden manifest outlast it, and go after it") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.delete(image)
      while try await scenario.catalog.reviewLinks(waitingSince: .farFuture, limit: 7).reviewed > 0 {}
      #expect(try await scenario.hasBlob("config"))
      #expect(try await scenario.collect() == [.blob("config")])
    },
    CatalogSuite("asking for a blob that has waited puts it off") { scenario in
      try await scenario.pushBlob("a")
      let size = { (moment: Timestamp?) in
        try await scenario.catalog.blobSize(.blob("a"), in: scenario.repository, touchedUnless: moment)
      }
      let before = Timestamp.now
      while Timestamp.now <= before {}
      let cutoff = Timestamp.now
      #expect(try await size(cutoff) == 1)
      #expect(try await scenario.catalog.reviewLinks(waitingSince: cutoff, limit: 10).reviewed == 0)
      #expect(try await size(nil) == 1)
      #expect(try await size(.farPast) == 1)
      #expect(try await scenario.collect() == [.blob("a")])
      #expect(try await size(.farFuture) == nil)
    },
    CatalogSuite("a blob that was asked for outlasts the manifest that kept it") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.collect()
      try await scenario.delete(image)
      let deleted = Timestamp.now
      while Timestamp.now <= deleted {}
      let cutoff = Timestamp.now
      let size = try await scenario.catalog.blobSize(.blob("config"), in: scenario.repository, touchedUnless: cutoff)
      #expect(size == 6)
      try await scenario.collect(waitingSince: cutoff)
      #expect(try await scenario.commit(image) == .stored)
    },
    CatalogSuite("a claimed blob can be neither linked nor mounted, and can once it is forgotten") { scenario in
      let id = UploadID()
      try await scenario.pushBlob("a")
      try await scenario.catalog.beginUpload(id, in: scenario.repository)
      while try await scenario.catalog.reviewLinks(waitingSince: .farFuture, limit: 7).reviewed > 0 {}
      let claimed = try await scenario.catalog.claimUnlinkedBlobs(limit: 10)
      #expect(claimed.map(\.digest) == [.blob("a")])
      #expect(claimed.map(\.size) == [1])
      let link = {
        try await scenario.catalog.linkBlob(.blob("a"), size: 1, to: scenario.repository, ending: id)
      }
      #expect(try await link() == .beingRemoved)
      #expect(try await scenario.catalog.upload(id, in: scenario.repository) != nil)
      #expect(try await scenario.catalog.mountBlob(.blob("a"), from: nil, to: scenario.repository) == nil)
      #expect(try await scenario.catalog.knowsBlob(.blob("a")))
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 10).map(\.digest) == [.blob("a")])
      try await scenario.catalog.forgetBlobs([.blob("a"), .blob("unknown")])
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 10).isEmpty)
      #expect(try await link() == .linked)
      #expect(try await scenario.hasBlob("a"))
    },
    CatalogSuite("a blob that is linked again before it is claimed stays") { scenario in
      try await scenario.pushBlob("a")
      while try await scenario.catalog.reviewLinks(waitingSince: .farFuture, limit: 7).reviewed > 0 {}
      #expect(try await !scenario.hasBlob("a"))
      #expect(try await scenario.pushBlob("a") == .linked)
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 10).isEmpty)
      try await scenario.catalog.forgetBlobs([.blob("a")])
      #expect(try await scenario.hasBlob("a"))
    },
    CatalogSuite("claims skip past candidates that are linked again") { scenario in
      for name in ["a", "b", "c", "d"] {
        try await scenario.pushBlob(name)
      }
      while try await scenario.catalog.reviewLinks(waitingSince: .farFuture, limit: 7).reviewed > 0 {}
      for name in ["a", "b", "c"] {
        try await scenario.pushBlob(name)
      }
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 1).map(\.digest) == [.blob("d")])
    },
    CatalogSuite("adopted bytes are collected where nobody links them") { scenario in
      try await scenario.catalog.adoptBlob(.blob("stray"), size: 5)
      try await scenario.catalog.adoptBlob(.blob("found"), size: 5)
      #expect(try await scenario.catalog.totals().blobs == 2)
      #expect(try await !scenario.hasBlob("found"))
      try await scenario.pushBlob("found")
      try await scenario.catalog.adoptBlob(.blob("found"), size: 5)
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 10).map(\.digest) == [.blob("stray")])
    },
    CatalogSuite("the forecast of a collection is what it takes then") { scenario in
      let other = scenario.inside("other")
      try await scenario.pushImage(["config", "kept"], tags: ["kept"])
      let gone = try await scenario.pushImage(["config", "gone", "shared"], tags: ["gone"])
      try await other.pushImage(["shared"], tags: ["kept"])
      try await scenario.pushBlob("never named")
      try await scenario.catalog.adoptBlob(.blob("stray"), size: 5)
      let children = [try await scenario.pushImage(["amd64"]), try await scenario.pushImage(["arm64", "kept"])]
      let index = Manifest.index(children, blobs: ["never named"])
      try await scenario.commit(index)
      let attested = try await scenario.pushImage(["signature"], subject: index)
      let signed = try await scenario.pushImage(["signature 2"], subject: attested)
      try await scenario.delete(gone)

      let past = try await scenario.catalog.collectable(waitingSince: .farPast, untaggedSince: .farPast)
      #expect(past.manifests == [])
      #expect(past.blobs.map(\.digest) == [.blob("stray")])

      let hidden = try await scenario.catalog.collectable(waitingSince: .farFuture, untaggedSince: nil)
      #expect(hidden.manifests.map(\.digest) == [gone.digest])
      #expect(Set(hidden.blobs.map(\.digest)) == [.blob("gone"), .blob("stray")])

      let all = try await scenario.catalog.collectable(waitingSince: .farFuture, untaggedSince: .farFuture)
      let manifests = [gone, index, attested, signed] + children
      #expect(Set(all.manifests.map(\.digest)) == Set(manifests.map(\.digest)))
      #expect(all.manifests.count == manifests.count)
      #expect(try await scenario.has(index), "a forecast changes nothing")
      let removed = try await scenario.collect(untaggedSince: .farFuture)
      #expect(removed == Set(all.blobs.map(\.digest)))
      #expect(all.blobs.count == removed.count)
      #expect(removed.contains(.blob("amd64")))
      #expect(!removed.contains(.blob("kept")))
      #expect(!removed.contains(.blob("shared")))
      for manifest in manifests {
        #expect(try await !scenario.has(manifest))
      }
    },
  ]

  static let untagged: [CatalogSuite] = [
    CatalogSuite("a manifest without a tag goes, one that lost a tag and has another stays") { scenario in
      let untagged = try await scenario.pushImage(["one"])
      let moved = try await scenario.pushImage(["two"], tags: ["latest"])
      let tagged = try await scenario.pushImage(["three"], tags: ["latest", "v3"])
      _ = try await scenario.catalog.deleteTag(.named("latest"), in: scenario.repository, by: .somebody)
      #expect(try await scenario.collect(untaggedSince: .farPast).isEmpty)
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("one"), .blob("two")])
      #expect(try await !scenario.has(untagged))
      #expect(try await !scenario.has(moved))
      #expect(try await scenario.has(tagged))
    },
    CatalogSuite("a manifest that gets its tag later stays") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.commit(image, tags: ["latest"])
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      try await scenario.commit(image)
      #expect(try await scenario.collect(untaggedSince: .farFuture).isEmpty)
      #expect(try await scenario.resolve("latest") == image.digest)
    },
    CatalogSuite("the children of a tagged index stay, and go with it") { scenario in
      let names = (0..<20).map { "platform \($0)" }
      var children: [Manifest] = []
      for name in names {
        children.append(try await scenario.pushImage([name]))
      }
      let inner = Manifest.index(Array(children.prefix(10)))
      try await scenario.commit(inner)
      let index = Manifest.index([inner] + children.suffix(10))
      try await scenario.commit(index, tags: ["multi"])
      #expect(try await scenario.collect(untaggedSince: .farFuture, limit: 3).isEmpty)
      let again = try await scenario.catalog.hideUntaggedManifests(since: .farFuture, limit: 100)
      #expect(again == ReviewCount(reviewed: 0, purged: 0), "what is kept is not looked at again")
      _ = try await scenario.catalog.deleteTag(.named("multi"), in: scenario.repository, by: .somebody)
      #expect(try await scenario.collect(untaggedSince: .farFuture, limit: 3) == Set(names.map { .blob($0) }))
      #expect(try await !scenario.has(inner))
    },
    CatalogSuite("the children of a deleted index go once they have been untagged for long enough") { scenario in
      let child = try await scenario.pushImage(["config"])
      let index = Manifest.index([child])
      try await scenario.commit(index, tags: ["multi"])
      try await scenario.collect(untaggedSince: .farFuture)
      try await scenario.delete(index)
      #expect(try await scenario.collect().isEmpty)
      #expect(try await scenario.has(child))
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("config")])
    },
    CatalogSuite("a child that two indexes list stays with the one that is left") { scenario in
      let child = try await scenario.pushImage(["config"])
      let other = try await scenario.pushImage(["other"])
      let indexes = [Manifest.index([child]), Manifest.index([child, other])]
      try await scenario.commit(indexes[0], tags: ["a"])
      try await scenario.commit(indexes[1], tags: ["b"])
      try await scenario.delete(indexes[1])
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("other")])
      #expect(try await scenario.has(child))
      try await scenario.delete(indexes[0])
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("config")])
    },
    CatalogSuite("what refers to a manifest stays with it and goes after it; without one it goes") { scenario in
      let subject = try await scenario.pushImage(["config"], tags: ["v1"])
      let signature = try await scenario.pushImage(["signature"], subject: subject)
      let orphan = try await scenario.pushImage(["orphan"], subject: .image(["never pushed"]))
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("orphan")])
      #expect(try await !scenario.has(orphan))
      #expect(try await scenario.has(signature))
      try await scenario.delete(subject)
      #expect(try await scenario.collect(untaggedSince: .farFuture) == [.blob("config"), .blob("signature")])
      #expect(try await !scenario.has(signature))
    },
  ]
}
