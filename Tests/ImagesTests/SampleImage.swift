import Images
import NIOCore
import OCI
import RegistryClient
import TestSupport

/// An image for tests: a config, layers and a manifest, or several below an index.
struct SampleImage: Sendable {
  let manifest: Manifest
  let descriptor: Descriptor
  /// All blobs by their digests, manifests of entries included.
  var blobs: [Digest: [UInt8]]
  var manifests: [Digest: Manifest]

  /// Makes an image with layers of the contents given.
  static func image(
    layers: [[UInt8]] = [Sample.newBytes(100), Sample.newBytes(5000)], platform: Platform? = nil,
    subject: Descriptor? = nil, artifactType: String? = nil
  ) throws -> SampleImage {
    let runsOn = platform ?? Platform(os: "linux", architecture: "amd64")
    let diffs = layers.map { "\"\(Digest.of($0))\"" }.joined(separator: ",")
    let config = Array(
      #"{"os":"\#(runsOn.os)","architecture":"\#(runsOn.architecture)","rootfs":{"type":"layers","diff_ids":[\#(diffs)]}}"#
        .utf8)
    var extra = ""
    if let artifactType { extra += #","artifactType":"\#(artifactType)""# }
    if let subject { extra += #","subject":\#(subject.json)"# }
    let list = layers.map { Sample.descriptor("application/vnd.oci.image.layer.v1.tar", $0) }.joined(separator: ",")
    let text = """
      {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
      "config":\(Sample.descriptor("application/vnd.oci.image.config.v1+json", config)),"layers":[\(list)]\(extra)}
      """
    let blobs = Dictionary((layers + [config]).map { (Digest.of($0), $0) }) { first, _ in first }
    return try SampleImage(text, .ociManifest, platform: platform, blobs: blobs, manifests: [:])
  }

  /// Makes an index of images.
  static func index(_ images: [SampleImage], extraEntries: [String] = []) throws -> SampleImage {
    // Spaces and a member that nobody knows have to survive.
    let entries = images.map { image in
      let platform = image.descriptor.platform
      let shown = platform.map { #","platform":{"os":"\#($0.os)", "architecture":"\#($0.architecture)"}"# } ?? ""
      return #"{ "mediaType":"\#(image.descriptor.mediaType)","digest":"\#(image.descriptor.digest)", "#
        + #""size":\#(image.descriptor.size)\#(shown), "unknown":[1, {"manifests":"}"}] }"#
    }
    let text = """
      {"schemaVersion": 2, "mediaType":"\(MediaType.ociIndex)", "annotations":{"a":"]\\"}"},
      "manifests": [ \((entries + extraEntries).joined(separator: " ,\n ")) ] , "more" : 1}
      """
    var blobs: [Digest: [UInt8]] = [:]
    var manifests: [Digest: Manifest] = [:]
    for image in images {
      blobs.merge(image.blobs) { first, _ in first }
      manifests.merge(image.manifests) { first, _ in first }
    }
    return try SampleImage(text, .ociIndex, platform: nil, blobs: blobs, manifests: manifests)
  }

  private init(
    _ text: String, _ type: MediaType, platform: Platform?, blobs: [Digest: [UInt8]], manifests: [Digest: Manifest]
  ) throws {
    manifest = try Manifest(parsing: Array(text.utf8), contentType: type)
    let digest = Digest.of(manifest.bytes)
    descriptor = Descriptor(
      mediaType: type, digest: digest, size: Int64(manifest.bytes.count), platform: platform)
    self.blobs = blobs
    self.manifests = manifests.merging([digest: manifest]) { first, _ in first }
  }
}
