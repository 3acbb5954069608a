internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let manifests: [CatalogSuite] = [
    CatalogSuite("a manifest comes back byte for byte, by digest and by tag, with its media type") { scenario in
      let image = try await scenario.pushImage(["config", "layer"], tags: ["latest", "v1"])
      let expected = StoredManifest(digest: image.digest, mediaType: .ociManifest, bytes: image.bytes)
      for reference in [Reference.tag(.named("latest")), .tag(.named("v1")), .digest(image.digest)] {
        #expect(try await scenario.catalog.manifest(reference, in: scenario.repository) == expected)
        let other = scenario.inside("other").repository
        #expect(try await scenario.catalog.manifest(reference, in: other) == nil)
      }
      #expect(try await scenario.resolve("LATEST") == nil)
    },
    CatalogSuite("a manifest whose blobs are missing is not stored, and all of them are named in order") { scenario in
      try await scenario.pushBlob("here")
      let names = (0..<1_500).map { "layer \($0)" }
      let image = Manifest.image(["here"] + names)
      let outcome = try await scenario.commit(image, tags: ["latest"])
      #expect(outcome == .missing(names.map { Digest.blob($0) }.sorted()))
      #expect(try await !scenario.has(image))
      #expect(try await scenario.resolve("latest") == nil)
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == nil)
    },
    CatalogSuite("a blob of another repository, a deleted one and a lost one are missing") { scenario in
      try await scenario.inside("other").pushBlob("foreign")
      for name in ["config", "deleted", "lost"] {
        try await scenario.pushBlob(name)
      }
      _ = try await scenario.catalog.deleteBlob(.blob("deleted"), in: scenario.repository, by: .somebody)
      try await scenario.catalog.setBlob(.blob("lost"), isMissing: true)
      let image = Manifest.image(["config", "foreign", "deleted", "lost"])
      let missing = ["foreign", "deleted", "lost"].map { Digest.blob($0) }.sorted()
      #expect(try await scenario.commit(image) == .missing(missing))
    },
    CatalogSuite("a layer that must not be distributed may be missing, and is kept where it is there") { scenario in
      let image = { (layer: String) in
        Manifest.image(
          ["config", layer], layerType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")
      }
      try await scenario.pushBlob("config")
      #expect(try await scenario.commit(image("absent")) == .stored)
      try await scenario.pushBlob("present")
      #expect(try await scenario.commit(image("present")) == .stored)
      try await scenario.collect()
      #expect(try await scenario.hasBlob("present"))
    },
    CatalogSuite("an index takes manifests and blobs of its repository, and names what is missing") { scenario in
      let child = try await scenario.pushImage(["config"])
      try await scenario.pushBlob("cache")
      let absent = Manifest.image(["absent"])
      let index = Manifest.index([child, absent], blobs: ["cache", "no cache"])
      let missing = [absent.digest, .blob("no cache")].sorted()
      #expect(try await scenario.commit(index, tags: ["multi"]) == .missing(missing))
      #expect(try await scenario.commit(.index([child], blobs: ["cache"]), tags: ["multi"]) == .stored)
      #expect(try await scenario.commit(index, tags: ["sparse"], sparse: true) == .stored)
      #expect(try await scenario.resolve("sparse") == index.digest)
    },
    CatalogSuite("a deleted manifest is no entry for an index") { scenario in
      let child = try await scenario.pushImage(["config"])
      try await scenario.delete(child)
      #expect(try await scenario.commit(.index([child])) == .missing([child.digest]))
      try await scenario.commit(child)
      #expect(try await scenario.commit(.index([child])) == .stored)
    },
    CatalogSuite("an index that lists 3,000 entries is stored in one go") { scenario in
      try await scenario.pushBlob("config")
      let absent = (0..<3_000).map { Manifest.image(["config", "layer \($0)"]) }
      let index = Manifest.index(absent)
      #expect(try await scenario.commit(index) == .missing(absent.map(\.digest).sorted()))
      #expect(try await scenario.commit(index, sparse: true) == .stored)
    },
    CatalogSuite("a manifest without blobs makes its repository") { scenario in
      let outcome = try await scenario.commit(.index([]))
      #expect(outcome == .stored)
      #expect(try await scenario.catalog.repositories(.all, after: nil, limit: 10) == [scenario.repository])
    },
    CatalogSuite("the media type of the last push is the one that is told") { scenario in
      let json = Array(#"{"schemaVersion":2,"config":\#(Manifest.image(["c"]).config!.json),"layers":[]}"#.utf8)
      try await scenario.pushBlob("c")
      for type in [MediaType.ociManifest, .dockerManifest] {
        let manifest = try Manifest(parsing: json, contentType: type)
        #expect(try await scenario.commit(manifest) == .stored)
        let stored = try await scenario.catalog.manifest(.digest(manifest.digest), in: scenario.repository)
        #expect(stored?.mediaType == type)
      }
      #expect(try await scenario.catalog.manifests(after: nil, limit: 10).count == 1)
    },
  ]

  static let tags: [CatalogSuite] = [
    CatalogSuite("a tag moves to the manifest that was pushed last, and both manifests stay") { scenario in
      let first = try await scenario.pushImage(["config", "one"], tags: ["latest", "v1"])
      let second = try await scenario.pushImage(["config", "two"], tags: ["latest", "v2"])
      #expect(try await scenario.resolve("latest") == second.digest)
      #expect(try await scenario.resolve("v1") == first.digest)
      #expect(try await scenario.has(first))
      try await scenario.commit(first, tags: ["latest"])
      #expect(try await scenario.resolve("latest") == first.digest)
      let tags = try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10)
      #expect(tags?.map(\.value) == ["latest", "v1", "v2"])
    },
    CatalogSuite("one push sets many tags, the same one twice included") { scenario in
      let names = (0..<40).map { "v\($0 + 10)" }
      let image = try await scenario.pushImage(["config"], tags: names + ["v10"])
      for name in names {
        #expect(try await scenario.resolve(name) == image.digest)
      }
      let tags = try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 100)
      #expect(tags?.map(\.value) == names)
    },
    CatalogSuite("deleting a tag leaves its manifest and the other tags") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["a", "b"])
      let delete = { (tag: String) in
        try await scenario.catalog.deleteTag(.named(tag), in: scenario.repository, by: .somebody)
      }
      #expect(try await delete("a"))
      #expect(try await !delete("a"))
      #expect(try await !delete("unknown"))
      #expect(try await scenario.resolve("a") == nil)
      #expect(try await scenario.resolve("b") == image.digest)
      #expect(try await delete("b"))
      #expect(try await scenario.has(image))
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == [])
    },
  ]

  static let deletes: [CatalogSuite] = [
    CatalogSuite("deleting a manifest takes its tags, and pushing it again brings it back without them") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["a", "b"])
      #expect(try await scenario.delete(image) == .deleted)
      #expect(try await scenario.delete(image) == .unknown)
      #expect(try await !scenario.has(image))
      #expect(try await scenario.resolve("a") == nil)
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == nil)
      #expect(try await scenario.catalog.repositories(.all, after: nil, limit: 10) == [])
      #expect(try await scenario.commit(image) == .stored)
      #expect(try await scenario.has(image))
      #expect(try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 10) == [])
    },
    CatalogSuite("a manifest that an index lists stays until the index is deleted") { scenario in
      let child = try await scenario.pushImage(["config"])
      let index = Manifest.index([child])
      let outer = Manifest.index([index])
      try await scenario.commit(index)
      try await scenario.commit(outer, tags: ["multi"])
      #expect(try await scenario.delete(child) == .needed(by: index.digest))
      #expect(try await scenario.delete(index) == .needed(by: outer.digest))
      #expect(try await scenario.delete(outer) == .deleted)
      #expect(try await scenario.delete(index) == .deleted)
      #expect(try await scenario.delete(child) == .deleted)
    },
    CatalogSuite("an index of another repository does not keep a manifest") { scenario in
      let child = try await scenario.pushImage(["config"])
      let other = scenario.inside("other")
      try await other.pushImage(["config"])
      try await other.commit(.index([child]))
      #expect(try await scenario.delete(child) == .deleted)
      #expect(try await other.has(child))
    },
    CatalogSuite("what refers to a manifest stays when that is deleted") { scenario in
      let subject = try await scenario.pushImage(["config"])
      let signature = try await scenario.pushImage(["signature"], subject: subject)
      try await scenario.delete(subject)
      #expect(try await scenario.has(signature))
    },
  ]
}
