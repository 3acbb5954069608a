internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let lists: [CatalogSuite] = [
    CatalogSuite("tags come in the order of their bytes, page by page") { scenario in
      let names = ["10", "9", "A", "Z", "_x", "a", "a-b", "a.b", "aB", "v1"]
      try await scenario.pushImage(["config"], tags: names.shuffled())
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      var pages: [String] = []
      while let page = try await scenario.catalog.tags(in: scenario.repository, after: pages.last, limit: 3),
        !page.isEmpty
      {
        #expect(page.count <= 3)
        pages += page.map(\.value)
      }
      #expect(pages == sorted)
      let rest = try await scenario.catalog.tags(in: scenario.repository, after: "a!no tag", limit: 2)
      #expect(rest?.map(\.value) == ["a-b", "a.b"])
    },
    CatalogSuite("repositories that hold a manifest come in the order of their bytes, page by page") { scenario in
      let names = ["a", "a-b", "a/b", "a.b", "a0", "team/app", "z"]
      for name in names.shuffled() {
        try await scenario.inside(name).pushImage(["config"])
      }
      try await scenario.inside("blobs-only").pushBlob("a")
      let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      var pages: [String] = []
      while true {
        let page = try await scenario.catalog.repositories(.all, after: pages.last, limit: 2)
        if page.isEmpty { break }
        pages += page.map(\.value)
      }
      #expect(pages == sorted)
    },
    CatalogSuite("a repository without a manifest has no list of tags, not an empty one") { scenario in
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == nil)
      try await scenario.pushBlob("a")
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == nil)
      try await scenario.commit(.image(["a"]))
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == [])
    },
    CatalogSuite("referrers are told with type, size and annotations, before and after their subject") { scenario in
      try await scenario.pushBlob("signature")
      let subject = Manifest.image(["config"])
      let annotations = ["org.example/note": "quotes \" and \\ and \u{1F600} and \n", "empty": ""]
      let referrer = Manifest.image(
        ["signature"], subject: subject, artifactType: "application/vnd.example.sig", annotations: annotations)
      #expect(try await scenario.commit(referrer) == .stored)
      let list = {
        try await scenario.catalog.referrers(
          to: subject.digest, in: scenario.repository, artifactType: nil, after: nil, limit: 10)
      }
      let expected = Descriptor(
        mediaType: .ociManifest, digest: referrer.digest, size: Int64(referrer.bytes.count),
        artifactType: "application/vnd.example.sig", annotations: annotations)
      #expect(try await list() == [expected])
      try await scenario.pushImage(["config"])
      #expect(try await list() == [expected])
      try await scenario.delete(referrer)
      #expect(try await list() == [])
    },
    CatalogSuite("referrers are filtered by artifact type, and come page by page in their digests' order") { scenario in
      let subject = try await scenario.pushImage(["config"])
      try await scenario.pushBlob("empty")
      var digests: [String: [Digest]] = [:]
      for number in 0..<12 {
        let type = number.isMultiple(of: 3) ? "application/vnd.example.sbom" : "application/vnd.example.sig"
        let referrer = Manifest.image(
          ["empty"], subject: subject, artifactType: type, annotations: ["number": "\(number)"])
        try await scenario.commit(referrer)
        digests[type, default: []].append(referrer.digest)
      }
      for (type, expected) in digests.map({ (Optional($0.key), $0.value) }) + [(nil, digests.values.flatMap { $0 })] {
        var pages: [Digest] = []
        while true {
          let page = try await scenario.catalog.referrers(
            to: subject.digest, in: scenario.repository, artifactType: type, after: pages.last, limit: 3)
          if page.isEmpty { break }
          pages += page.map(\.digest)
        }
        #expect(pages == expected.sorted())
      }
      let elsewhere = try await scenario.catalog.referrers(
        to: subject.digest, in: scenario.inside("other").repository, artifactType: nil, after: nil, limit: 10)
      #expect(elsewhere == [])
    },
  ]
}
