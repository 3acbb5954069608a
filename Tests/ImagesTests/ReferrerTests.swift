import Images
import OCI
import Testing
import TestSupport

@Suite struct ReferrerTests {
  private let tag = try! RefName(parsing: "v1")

  @Test func `signatures and what refers to them come along, in either scheme`() async throws {
    let image = try SampleImage.image(platform: try Platform(parsing: "linux/amd64"))
    let index = try SampleImage.index([image])
    let source = MemoryImages([("v1", index)])
    let signature = try SampleImage.image(subject: index.descriptor, artifactType: "application/x.signature")
    source.add(signature, refersTo: index.descriptor.digest)
    let countersignature = try SampleImage.image(subject: signature.descriptor)
    source.add(countersignature, refersTo: signature.descriptor.digest)
    let sbom = try SampleImage.image(subject: image.descriptor)
    source.add(sbom, refersTo: image.descriptor.digest)
    // A cycle, as far as there can be one: what the list names was seen already.
    source.edit { $0.referrers[countersignature.descriptor.digest] = [signature.descriptor] }
    let cosign = try SampleImage.image()
    source.add(cosign)
    let cosignTag = try RefName(parsing: "sha256-\(image.descriptor.digest.hex).sig")
    source.edit { $0.names[cosignTag] = cosign.descriptor }

    let target = MemoryImages()
    var options = CopyOptions()
    options.referrers = true
    let destinations = [CopyDestination(target, names: [tag])]
    #expect(try await Copier(options).copy(.name(tag), from: source, to: destinations).failure == nil)
    let there = target.edit { $0 }
    for expected in [index, image, signature, countersignature, sbom, cosign] {
      #expect(there.manifests[expected.descriptor.digest] != nil)
      #expect(expected.blobs.keys.allSatisfy { there.blobs[$0] != nil })
    }
    #expect(there.names[cosignTag]?.digest == cosign.descriptor.digest)
    #expect(there.log.last == "write v1")

    // What is there is not written again.
    target.edit { $0.log = [] }
    let again = try await Copier(options).copy(.name(tag), from: source, to: destinations)
    #expect(again.failure == nil)
    #expect(!target.log.contains { $0.hasPrefix("write") })
  }

  @Test func `without being asked for, nothing that refers comes along`() async throws {
    let image = try SampleImage.image()
    let source = MemoryImages([("v1", image)])
    source.add(try .image(subject: image.descriptor), refersTo: image.descriptor.digest)
    let target = MemoryImages()
    _ = try await Copier().copy(.name(tag), from: source, to: [CopyDestination(target, names: [tag])])
    #expect(target.edit { $0.manifests.count } == 1)
  }

  @Test func `in a layout, referrers are found through its index`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      let source = MemoryImages([("v1", image)])
      let signature = try SampleImage.image(subject: image.descriptor, artifactType: "application/x.signature")
      source.add(signature, refersTo: image.descriptor.digest)
      let layout = LayoutFolder("\(folder)/layout")
      var options = CopyOptions()
      options.referrers = true
      let report = try await Copier(options).copy(
        .name(tag), from: source, to: [CopyDestination(layout, names: [tag])])
      #expect(report.failure == nil)
      let found = try await layout.referrers(of: image.descriptor.digest)
      #expect(found.map(\.digest) == [signature.descriptor.digest])
      #expect(found.first?.artifactType == "application/x.signature")
      // Who names no image gets the one with a name.
      #expect(try await layout.resolve(nil)?.digest == image.descriptor.digest)
    }
  }
}
