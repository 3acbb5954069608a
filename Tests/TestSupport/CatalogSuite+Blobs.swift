internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let uploads: [CatalogSuite] = [
    CatalogSuite("an upload is there from its begin to its end, in its own repository only") { scenario in
      let (catalog, id) = (scenario.catalog, UploadID())
      let other = scenario.inside("other").repository
      #expect(try await catalog.upload(id, in: scenario.repository) == nil)
      try await catalog.beginUpload(id, in: scenario.repository)
      #expect(try await catalog.upload(id, in: scenario.repository) != nil)
      #expect(try await catalog.upload(id, in: other) == nil)
      #expect(try await !catalog.endUpload(id, in: other))
      #expect(try await catalog.endUpload(id, in: scenario.repository))
      #expect(try await !catalog.endUpload(id, in: scenario.repository))
      #expect(try await catalog.upload(id, in: scenario.repository) == nil)
    },
    CatalogSuite("linking a blob ends the upload that brought it") { scenario in
      let id = UploadID()
      try await scenario.catalog.beginUpload(id, in: scenario.repository)
      let outcome = try await scenario.catalog.linkBlob(.blob("a"), size: 1, to: scenario.repository, ending: id)
      #expect(outcome == .linked)
      #expect(try await scenario.catalog.upload(id, in: scenario.repository) == nil)
    },
    CatalogSuite("uploads are listed once they are old enough, and as many as asked for") { scenario in
      let ids = [UploadID(), UploadID(), UploadID()]
      for id in ids {
        try await scenario.catalog.beginUpload(id, in: scenario.repository)
      }
      let all = try await scenario.catalog.uploads(begunBefore: .farFuture, limit: 10)
      #expect(Set(all) == Set(ids.map { UploadRecord(id: $0, repository: scenario.repository) }))
      #expect(try await scenario.catalog.uploads(begunBefore: .farFuture, limit: 2).count == 2)
      #expect(try await scenario.catalog.uploads(begunBefore: .farPast, limit: 10).isEmpty)
    },
  ]

  static let blobs: [CatalogSuite] = [
    CatalogSuite("a blob is seen in the repositories that it is linked to and in no other") { scenario in
      let other = scenario.inside("other")
      #expect(try await scenario.catalog.blobSize(.blob("a"), in: scenario.repository, touchedUnless: nil) == nil)
      let outcome = try await scenario.catalog.linkBlob(
        .blob("a"), size: 1 << 40, to: scenario.repository, ending: nil)
      #expect(outcome == .linked)
      let size = try await scenario.catalog.blobSize(.blob("a"), in: scenario.repository, touchedUnless: .farFuture)
      #expect(size == 1 << 40)
      #expect(try await !other.hasBlob("a"))
    },
    CatalogSuite("sha512 names another blob than sha256") { scenario in
      let long = Digest.blob("a", algorithm: .sha512)
      _ = try await scenario.catalog.linkBlob(long, size: 1, to: scenario.repository, ending: nil)
      #expect(try await !scenario.hasBlob("a"))
      #expect(try await scenario.catalog.blobSize(long, in: scenario.repository, touchedUnless: nil) == 1)
    },
    CatalogSuite("a blob is mounted from a repository that has it, or from any, and not from another") { scenario in
      let (catalog, here) = (scenario.catalog, scenario.repository)
      let (source, empty) = (scenario.inside("source"), scenario.inside("empty"))
      try await source.pushBlob("abc")
      #expect(try await catalog.mountBlob(.blob("abc"), from: empty.repository, to: here) == nil)
      #expect(try await !scenario.hasBlob("abc"))
      #expect(try await catalog.mountBlob(.blob("abc"), from: source.repository, to: here) == 3)
      #expect(try await scenario.hasBlob("abc"))
      #expect(try await catalog.mountBlob(.blob("abc"), from: nil, to: empty.repository) == 3)
      #expect(try await empty.hasBlob("abc"))
      #expect(try await catalog.mountBlob(.blob("unknown"), from: nil, to: here) == nil)
    },
    CatalogSuite("a deleted blob is gone from one repository, mounts no more from it, and comes back") { scenario in
      let other = scenario.inside("other")
      try await scenario.pushBlob("a")
      try await other.pushBlob("a")
      #expect(try await scenario.catalog.deleteBlob(.blob("a"), in: scenario.repository, by: .somebody) == .deleted)
      #expect(try await scenario.catalog.deleteBlob(.blob("a"), in: scenario.repository, by: .somebody) == .unknown)
      #expect(try await !scenario.hasBlob("a"))
      #expect(try await other.hasBlob("a"))
      let third = scenario.inside("third").repository
      #expect(try await scenario.catalog.mountBlob(.blob("a"), from: scenario.repository, to: third) == nil)
      #expect(try await scenario.catalog.mountBlob(.blob("a"), from: nil, to: third) == 1)
      try await scenario.pushBlob("a")
      #expect(try await scenario.hasBlob("a"))
    },
    CatalogSuite("a blob that a manifest needs stays, and goes once the manifest is deleted") { scenario in
      let image = try await scenario.pushImage(["config", "layer"])
      let delete = { try await scenario.catalog.deleteBlob(.blob("layer"), in: scenario.repository, by: .somebody) }
      #expect(try await delete() == .needed(by: image.digest))
      try await scenario.delete(image)
      #expect(try await delete() == .deleted)
    },
    CatalogSuite("totals count each blob once, and follow it through loss and removal") { scenario in
      try await scenario.pushBlob("abc")
      try await scenario.inside("other").pushBlob("abc")
      try await scenario.pushBlob("de")
      var totals = try await scenario.catalog.totals()
      #expect(totals.blobs == 2)
      #expect(totals.blobBytes == 5)
      #expect(totals.reviewQueue == 3)
      try await scenario.catalog.setBlob(.blob("de"), isMissing: true)
      totals = try await scenario.catalog.totals()
      #expect(totals.blobs == 1)
      #expect(totals.blobBytes == 3)
      try await scenario.collect()
      totals = try await scenario.catalog.totals()
      #expect(totals == CatalogTotals(blobs: 0, blobBytes: 0, reviewQueue: 0))
    },
    CatalogSuite("a catalogue answers that it can be read and written") { scenario in
      try await scenario.catalog.check()
    },
  ]
}
