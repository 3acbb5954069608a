import Images
import OCI
import RegistryClient
import Testing
import TestSupport

@Suite struct CopierTests {
  private let tag = try! RefName(parsing: "v1")

  private func copy(
    _ source: MemoryImages, to targets: [MemoryImages], _ name: String = "v1", _ options: CopyOptions = CopyOptions(),
    report: @escaping @Sendable (CopyProgress) -> Void = { _ in }
  ) async throws -> CopyReport {
    let name = try RefName(parsing: name)
    return try await Copier(options, report: report).copy(
      .name(name), from: source, to: targets.map { CopyDestination($0, names: [name]) })
  }

  @Test func `an index arrives whole, byte for byte`() async throws {
    let index = try SampleImage.index([
      try .image(platform: try Platform(parsing: "linux/amd64")),
      try .image(platform: try Platform(parsing: "linux/arm64")),
    ])
    let (source, target) = (MemoryImages([("v1", index)]), MemoryImages())
    let report = try await copy(source, to: [target])
    #expect(report.failure == nil)
    #expect(report.image.digest == index.descriptor.digest)
    let there = target.edit { $0 }
    #expect(there.names[tag]?.digest == index.descriptor.digest)
    #expect(there.manifests[index.descriptor.digest]?.bytes == index.manifest.bytes)
    #expect(Set(there.blobs.keys) == Set(index.blobs.keys))
    #expect(there.log.last == "write v1")
  }

  @Test func `an image that is up to date costs one question`() async throws {
    let image = try SampleImage.image()
    let (source, target) = (MemoryImages([("v1", image)]), MemoryImages([("v1", image)]))
    let report = try await copy(source, to: [target])
    guard case .upToDate = report.destinations[0].outcome else {
      Issue.record("\(report.destinations[0].outcome)")
      return
    }
    #expect(target.log == ["HEAD v1"])
  }

  @Test func `a manifest that is there needs no look at its blobs`() async throws {
    let image = try SampleImage.image()
    let (source, target) = (MemoryImages([("v1", image)]), MemoryImages([("old", image)]))
    #expect(try await copy(source, to: [target]).failure == nil)
    #expect(target.log == ["HEAD v1", "HEAD manifest", "write v1"])
  }

  @Test func `one source is read once for several targets`() async throws {
    let image = try SampleImage.image(layers: (0..<5).map { _ in Sample.newBytes(20_000) })
    let source = MemoryImages([("v1", image)])
    let targets = (0..<3).map { _ in MemoryImages() }
    let report = try await copy(source, to: targets)
    #expect(report.failure == nil)
    #expect(source.edit { $0.reads }.values.allSatisfy { $0 == 1 })
    for target in targets { #expect(target.edit { $0.blobs } == image.blobs) }
  }

  @Test func `a target that fails does not stop the other one`() async throws {
    let image = try SampleImage.image()
    let source = MemoryImages([("v1", image)])
    let (bad, good) = (MemoryImages(), MemoryImages())
    bad.edit { $0.refusesBlobs = true }
    let report = try await copy(source, to: [bad, good])
    guard case .failed = report.destinations[0].outcome, case .copied = report.destinations[1].outcome else {
      Issue.record("\(report.destinations)")
      return
    }
    #expect(good.edit { $0.names[tag]?.digest } == image.descriptor.digest)
    #expect(bad.edit { $0.names.isEmpty && $0.manifests.isEmpty })
  }

  @Test(arguments: [1, 2]) func `bytes that are wrong are fetched anew`(targetCount: Int) async throws {
    let image = try SampleImage.image()
    let source = MemoryImages([("v1", image)])
    let layer = image.manifest.layers[1].digest
    source.edit { $0.lies = [layer: 1] }
    let targets = (0..<targetCount).map { _ in MemoryImages() }
    #expect(try await copy(source, to: targets).failure == nil)
    for target in targets { #expect(target.edit { $0.blobs } == image.blobs) }
  }

  @Test func `a source that lies on is given up, and nothing wrong is kept`() async throws {
    let image = try SampleImage.image()
    let source = MemoryImages([("v1", image)])
    let layer = image.manifest.layers[1].digest
    source.edit { $0.lies = [layer: 1000] }
    let target = MemoryImages()
    let failure = try await copy(source, to: [target]).failure as? ImagesError
    #expect(failure?.code == .mismatch)
    #expect(source.edit { $0.reads[layer] } == 3)
    #expect(target.edit { $0.blobs[layer] == nil && $0.names.isEmpty })
  }

  @Test func `a blob that is missing is named`() async throws {
    let image = try SampleImage.image()
    let source = MemoryImages([("v1", image)])
    let layer = image.manifest.layers[0].digest
    source.edit { $0.blobs[layer] = nil }
    let failure = try await copy(source, to: [MemoryImages()]).failure
    #expect("\(try #require(failure))".contains("\(layer)"))
  }

  @Test func `a name that stands for another image can be left alone`() async throws {
    let (image, other) = (try SampleImage.image(), try SampleImage.image())
    let (source, target) = (MemoryImages([("v1", image)]), MemoryImages([("v1", other)]))
    var options = CopyOptions()
    options.keepsNames = true
    guard case .kept(_, let digest) = try await copy(source, to: [target], "v1", options).destinations[0].outcome else {
      Issue.record("the name was not kept")
      return
    }
    #expect(digest == other.descriptor.digest)
    #expect(target.log == ["HEAD v1"])
    #expect(try await copy(source, to: [target]).failure == nil)
    #expect(target.edit { $0.names[tag]?.digest } == image.descriptor.digest)
  }

  @Test func `a manifest that the source does not have is reported, and the rest arrives`() async throws {
    let (here, gone) = (
      try SampleImage.image(platform: try Platform(parsing: "linux/amd64")),
      try SampleImage.image(platform: try Platform(parsing: "linux/arm64"))
    )
    let index = try SampleImage.index([here, gone])
    let source = MemoryImages([("v1", index)])
    source.edit { $0.manifests[gone.descriptor.digest] = nil }
    try await withTemporaryFolder { folder in
      let target = LayoutFolder("\(folder)/layout")
      let report = try await Copier().copy(.name(tag), from: source, to: [CopyDestination(target, names: [tag])])
      #expect(report.failure == nil)
      #expect(report.absent.map(\.digest) == [gone.descriptor.digest])
      #expect(try await target.digest(of: tag) == index.descriptor.digest)
    }
  }

  @Test func `nothing of that name is an error that names it`() async throws {
    let error = await #expect(throws: ImagesError.self) {
      try await copy(MemoryImages(), to: [MemoryImages()], "v9")
    }
    #expect(error?.description.contains("v9") == true)
  }
}
