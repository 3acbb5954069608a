import Images
import OCI
import Testing
import TestSupport

@Suite struct PlatformSelectionTests {
  private let tag = try! RefName(parsing: "v1")

  private func index() throws -> (SampleImage, [SampleImage]) {
    let images = try ["linux/amd64", "linux/arm64", "linux/s390x"].map {
      try SampleImage.image(platform: try Platform(parsing: $0))
    }
    let attestations = try (0..<3).map { _ in try SampleImage.image() }
    let entries = zip(images, attestations).map { image, attestation in
      #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(attestation.descriptor.digest)","#
        + #""size":\#(attestation.descriptor.size),"annotations":{"vnd.docker.reference.digest":"#
        + #""\#(image.descriptor.digest)","vnd.docker.reference.type":"attestation-manifest"},"#
        + #""platform":{"architecture":"unknown","os":"unknown"}}"#
    }
    var index = try SampleImage.index(images, extraEntries: entries)
    for attestation in attestations {
      index.blobs.merge(attestation.blobs) { first, _ in first }
      index.manifests.merge(attestation.manifests) { first, _ in first }
    }
    return (index, images + attestations)
  }

  private func copy(_ index: SampleImage, _ platforms: [String]) async throws -> (CopyReport, MemoryImages) {
    var options = CopyOptions()
    options.platforms = try platforms.map { try Platform(parsing: $0) }
    let target = MemoryImages()
    let report = try await Copier(options).copy(
      .name(tag), from: MemoryImages([("v1", index)]), to: [CopyDestination(target, names: [tag])])
    return (report, target)
  }

  @Test func `one platform is that image itself`() async throws {
    let (index, images) = try index()
    let (report, target) = try await copy(index, ["linux/arm64"])
    #expect(report.failure == nil)
    #expect(report.image.digest == images[1].descriptor.digest)
    #expect(target.edit { $0.manifests.count } == 1)
  }

  @Test func `several platforms are an index of their entries, attestations included`() async throws {
    let (index, images) = try index()
    let (report, target) = try await copy(index, ["linux/arm64", "linux/s390x"])
    #expect(report.failure == nil)
    #expect(report.image.digest != index.descriptor.digest)
    let subset = try #require(target.edit { $0.manifests[report.image.digest] })
    #expect(subset.entries.map(\.digest) == [1, 2, 4, 5].map { images[$0].descriptor.digest })
    #expect(subset.entries[2].annotations["vnd.docker.reference.digest"] == "\(images[1].descriptor.digest)")
    // What nobody here knows is kept as it was written.
    let text = String(decoding: subset.bytes, as: UTF8.self)
    #expect(text.contains(#""unknown":[1, {"manifests":"}"}] }"#))
    #expect(text.contains(#""annotations":{"a":"]\"}"}"#))
    #expect(text.hasSuffix(#", "more" : 1}"#))
  }

  @Test func `all platforms are the index with its own digest`() async throws {
    let (index, _) = try index()
    let (report, _) = try await copy(index, ["linux/amd64", "linux/arm64", "linux/s390x"])
    #expect(report.image.digest == index.descriptor.digest)
  }

  @Test(arguments: [["linux/riscv64"], ["linux/amd64", "linux/riscv64"]])
  func `a platform that is not there is an error that lists those that are`(platforms: [String]) async throws {
    let (index, _) = try index()
    let error = await #expect(throws: ImagesError.self) { try await copy(index, platforms) }
    #expect(error?.code == .missing)
    #expect(error?.description.contains("linux/s390x") == true)
    #expect(error?.description.contains("unknown") == false)
  }
}
