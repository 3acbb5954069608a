internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let doctor: [CatalogSuite] = [
    CatalogSuite("a lost blob is told to be missing until it is pushed again or found") { scenario in
      let image = try await scenario.pushImage(["config"])
      try await scenario.catalog.setBlob(.blob("config"), isMissing: true)
      #expect(try await !scenario.hasBlob("config"))
      let other = scenario.inside("other").repository
      #expect(try await scenario.catalog.mountBlob(.blob("config"), from: scenario.repository, to: other) == nil)
      #expect(try await scenario.catalog.blobs(after: nil, limit: 10).map(\.isMissing) == [true])
      #expect(try await scenario.commit(image) == .missing([.blob("config")]))
      #expect(try await scenario.has(image))
      #expect(try await scenario.pushBlob("config") == .linked)
      #expect(try await scenario.hasBlob("config"))
      #expect(try await scenario.catalog.blobs(after: nil, limit: 10).map(\.isMissing) == [false])
      try await scenario.catalog.setBlob(.blob("config"), isMissing: true)
      try await scenario.catalog.setBlob(.blob("config"), isMissing: false)
      #expect(try await scenario.hasBlob("config"))
    },
    CatalogSuite("blobs come in the order of their digests, page by page, without those being removed") { scenario in
      let names = (0..<10).map { "blob \($0)" }
      for name in names {
        try await scenario.pushBlob(name)
      }
      try await scenario.catalog.adoptBlob(.blob("being removed"), size: 1)
      #expect(try await scenario.catalog.claimUnlinkedBlobs(limit: 10).count == 1)
      var pages: [BlobRecord] = []
      while true {
        let page = try await scenario.catalog.blobs(after: pages.last?.digest, limit: 4)
        if page.isEmpty { break }
        pages += page
      }
      #expect(pages.map(\.digest) == names.map { Digest.blob($0) }.sorted())
      #expect(pages.allSatisfy { $0.size == 6 && !$0.isMissing })
      #expect(try await scenario.catalog.knowsBlob(.blob("being removed")))
      #expect(try await !scenario.catalog.knowsBlob(.blob("unknown")))
    },
    CatalogSuite("manifests of all repositories come in the order they were pushed, page by page") { scenario in
      var pushed: [RepositoryDigest] = []
      for number in 0..<7 {
        let place = scenario.inside("repository-\(number % 3)")
        let image = try await place.pushImage(["config \(number)"])
        pushed.append(RepositoryDigest(repository: place.repository, digest: image.digest))
      }
      try await scenario.delete(try await scenario.pushImage(["deleted"]))
      var rows: [ManifestRow] = []
      while true {
        let page = try await scenario.catalog.manifests(after: rows.last?.row, limit: 2)
        if page.isEmpty { break }
        rows += page
      }
      #expect(rows.map { RepositoryDigest(repository: $0.repository, digest: $0.manifest.digest) } == pushed)
      #expect(rows.allSatisfy { Digest.of($0.manifest.bytes) == $0.manifest.digest })
    },
  ]
}
