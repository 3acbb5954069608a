import Images
import OCI
import Testing
import TestSupport

@Suite struct ImageCheckTests {
  private let tag = ImageName.name(try! RefName(parsing: "v1"))

  private func sample() throws -> (MemoryImages, SampleImage, [SampleImage]) {
    let images = try ["linux/amd64", "linux/arm64"].map { try SampleImage.image(platform: try Platform(parsing: $0)) }
    let index = try SampleImage.index(images)
    return (MemoryImages([("v1", index)]), index, images)
  }

  @Test func `a whole image has no problems`() async throws {
    let (source, index, _) = try sample()
    let report = try await ImageCheck().run(tag, in: source)
    #expect(report.problems.isEmpty)
    #expect((report.manifests, report.blobs) == (3, index.blobs.count))
  }

  @Test(arguments: [CheckDepth.presence, .content])
  func `what is missing is named, and the check goes on`(depth: CheckDepth) async throws {
    let (source, _, images) = try sample()
    let layer = images[0].manifest.layers[1].digest
    source.edit {
      $0.blobs[layer] = nil
      $0.manifests[images[1].descriptor.digest] = nil
    }
    let report = try await ImageCheck(depth).run(tag, in: source)
    #expect(report.problems.count == 2)
    let missing = report.problems.first { $0.message == "the manifest is missing" }
    #expect(missing?.platform == images[1].descriptor.platform)
    #expect(report.problems.contains { $0.message.contains("\(layer)") && $0.manifest == images[0].descriptor.digest })
  }

  @Test func `wrong bytes are found by reading them`() async throws {
    let (source, _, images) = try sample()
    let layer = images[0].manifest.layers[1].digest
    source.edit { $0.lies = [layer: 100] }
    #expect(try await ImageCheck(.presence).run(tag, in: source).isSound)
    let report = try await ImageCheck().run(tag, in: source)
    #expect(report.problems.map(\.message).contains { $0.contains("\(layer) has other bytes") })
  }

  @Test func `a config that does not fit its layers is found`() async throws {
    let right = try SampleImage.image(layers: [[1], [2]])
    let other = try SampleImage.image(layers: [[1], [3]])
    let config = try #require(other.manifest.config)
    let fewer = try #require(try SampleImage.image(layers: [[1]]).manifest.config)
    for (wrong, message) in [(config, "decompresses to"), (fewer, "has 2 layers, and the config names 1")] {
      let text = String(decoding: right.manifest.bytes, as: UTF8.self)
        .replacing(try #require(right.manifest.config).digest.description, with: wrong.digest.description)
        .replacing("\"size\":\(try #require(right.manifest.config).size)", with: "\"size\":\(wrong.size)")
      let manifest = try Manifest(parsing: Array(text.utf8), contentType: .ociManifest)
      let digest = Digest.of(manifest.bytes)
      let source = MemoryImages([("v1", right), ("v2", other), ("v3", try .image(layers: [[1]]))])
      source.edit { $0.manifests[digest] = manifest }
      let report = try await ImageCheck().run(.digest(digest), in: source)
      #expect(report.problems.map(\.message).contains { $0.contains(message) })
    }
  }

  @Test func `a platform that the index gets wrong is found`() async throws {
    let image = try SampleImage.image(platform: try Platform(parsing: "linux/amd64"))
    let entry =
      #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(image.descriptor.digest)","#
      + #""size":\#(image.descriptor.size),"platform":{"os":"linux","architecture":"arm64"}}"#
    var index = try SampleImage.index([], extraEntries: [entry])
    index.blobs = image.blobs
    index.manifests.merge(image.manifests) { first, _ in first }
    let report = try await ImageCheck().run(tag, in: MemoryImages([("v1", index)]))
    #expect(report.problems.map(\.message) == ["the index says linux/arm64, and the config says linux/amd64"])
  }
}
