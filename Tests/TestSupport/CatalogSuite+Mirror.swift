internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let mirror: [CatalogSuite] = [
    CatalogSuite("a mirrored manifest is stored before its blobs, which it needs once they are there") { scenario in
      let image = Manifest.image(["config", "layer"])
      #expect(try await scenario.mirror(image, tags: ["latest"]) == .stored)
      #expect(try await scenario.resolve("latest") == image.digest)
      #expect(try await scenario.wanted("layer") == 5)
      #expect(try await scenario.wanted("other") == nil)
      try await scenario.pushBlob("layer")
      #expect(try await scenario.wanted("layer") == nil)
      #expect(try await scenario.wanted("config") == 6)
      #expect(try await scenario.collect().isEmpty)
      #expect(try await scenario.hasBlob("layer"))
      #expect(
        try await scenario.catalog.deleteBlob(.blob("layer"), in: scenario.repository, by: .somebody)
          == .needed(by: image.digest))
      try await scenario.delete(image)
      #expect(try await scenario.collect() == [.blob("layer")])
      #expect(try await scenario.wanted("config") == nil)
    },
    CatalogSuite("a mirrored index is stored before what it lists, blobs of BuildKit's cache included") { scenario in
      let image = Manifest.image(["config"])
      let index = Manifest.index([image], blobs: ["cached layer"])
      #expect(try await scenario.mirror(index, tags: ["cache"]) == .stored)
      #expect(try await scenario.wanted("cached layer") == 12)
      try await scenario.pushBlob("cached layer")
      #expect(try await scenario.collect().isEmpty)
      #expect(try await scenario.mirror(image) == .stored)
      #expect(try await scenario.delete(image) == .needed(by: index.digest))
    },
    CatalogSuite("a manifest that waits for a blob in one repository does not get it in another") { scenario in
      try await scenario.mirror(.image(["config"]))
      try await scenario.inside("other").pushBlob("config")
      #expect(try await scenario.wanted("config") == 6)
      #expect(try await !scenario.hasBlob("config"))
    },
    CatalogSuite("a mirrored manifest that was deleted and comes again needs what is there, and waits for the rest") {
      scenario in
      let image = Manifest.image(["config", "layer"])
      try await scenario.mirror(image)
      try await scenario.pushBlob("config")
      try await scenario.pushBlob("layer")
      try await scenario.delete(image)
      #expect(
        try await scenario.catalog.deleteBlob(.blob("layer"), in: scenario.repository, by: .somebody) == .deleted)
      try await scenario.mirror(image)
      #expect(try await scenario.wanted("layer") == 5)
      #expect(try await scenario.wanted("config") == nil)
      try await scenario.pushBlob("layer")
      #expect(try await scenario.collect().isEmpty)
      #expect(try await scenario.hasBlob("layer"))
      #expect(try await scenario.hasBlob("config"))
    },
    CatalogSuite("a blob whose bytes were lost is wanted again") { scenario in
      try await scenario.mirror(.image(["config"]))
      try await scenario.pushBlob("config")
      try await scenario.catalog.setBlob(.blob("config"), isMissing: true)
      #expect(try await scenario.wanted("config") == 6)
      try await scenario.mirror(.image(["config"]))
      try await scenario.pushBlob("config")
      #expect(try await scenario.wanted("config") == nil)
      #expect(try await scenario.hasBlob("config"))
    },
    CatalogSuite("repositories of an upstream are found by their blobs, and have its visibility") { scenario in
      let hub = RegistryHost.dockerHub
      try await scenario.mirror(.image(["config"]))
      try await scenario.pushBlob("config")
      try await scenario.inside("pushed").pushBlob("local")
      #expect(try await scenario.catalog.mirroredBlob(.blob("config"), from: hub) == scenario.repository)
      #expect(try await scenario.catalog.mirroredBlob(.blob("local"), from: hub) == nil)
      let visibility = { try await scenario.catalog.repositoryAccess(scenario.repository).visibility }
      #expect(try await visibility() == .internal)
      try await scenario.catalog.setVisibility(.public, ofMirrorsOf: hub)
      #expect(try await visibility() == .public)
      #expect(try await scenario.catalog.repositoryAccess(.named("pushed")).visibility == nil)
    },
    CatalogSuite("what was pulled least recently is evicted first, with its tags, and what was pushed never") {
      scenario in
      let pushed = try await scenario.inside("pushed").pushImage(["pushed"], tags: ["latest"])
      let images = ["a", "b", "c"].map { Manifest.image([$0, "shared"]) }
      for (image, tag) in zip(images, ["a", "b", "c"]) {
        try await scenario.mirror(image, tags: [tag])
        try await scenario.pushBlob(tag)
      }
      try await scenario.pushBlob("shared")
      #expect(try await scenario.catalog.mirroredBytes() == 9)
      let later = Timestamp.now + .seconds(60)
      try await scenario.recordPull(images[2], at: later)
      try await scenario.recordPull(images[0], at: later + .seconds(1))
      try await scenario.recordPull(images[0], at: later - .seconds(50))
      try await scenario.recordPull(images[1], at: later + .seconds(2))
      try await scenario.inside("pushed").recordPull(pushed, at: later)
      #expect(try await scenario.evict(pulledBefore: later) == 0)
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.catalog.mirroredBytes() == 8)
      #expect(try await scenario.resolve("c") == nil)
      #expect(try await scenario.resolve("a") != nil)
      #expect(try await scenario.collect(waitingSince: .now - .seconds(60)) == [.blob("c")])
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.has(images[1]))
      #expect(try await !scenario.has(images[0]))
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.evict() == 0)
      #expect(try await scenario.inside("pushed").has(pushed))
      #expect(try await scenario.catalog.mirroredBytes() == 0)
    },
    CatalogSuite("what an index lists is evicted after the index") { scenario in
      let image = Manifest.image(["config"])
      let index = Manifest.index([image])
      try await scenario.mirror(image)
      try await scenario.mirror(index, tags: ["latest"])
      try await scenario.recordPull(index, at: .now + .seconds(60))
      #expect(try await scenario.evict() == 1)
      #expect(try await scenario.has(image))
      #expect(try await !scenario.has(index))
      #expect(try await scenario.evict() == 1)
      #expect(try await !scenario.has(image))
    },
  ]
}

extension CatalogScenario {
  fileprivate func wanted(_ name: String) async throws -> Int64? {
    try await catalog.wantedBlob(.blob(name), in: repository)
  }

  fileprivate func recordPull(_ manifest: Manifest, at moment: Timestamp) async throws {
    let pulled = RepositoryDigest(repository: repository, digest: manifest.digest)
    try await catalog.recordPulls([ManifestPulls(manifest: pulled, last: moment, downloads: 1)])
  }
}
