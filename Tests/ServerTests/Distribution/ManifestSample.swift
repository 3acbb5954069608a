import OCI
import Testing
import TestSupport

/// A manifest of a kind that some client pushes, and what has to be there before.
struct ManifestSample: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let type: MediaType
  let bytes: [UInt8]
  var blobs: [[UInt8]] = []
  var manifests: [ManifestSample] = []
  var subject: Digest?

  init(
    _ name: String, _ type: MediaType, _ text: String, blobs: [[UInt8]] = [], manifests: [ManifestSample] = [],
    subject: Digest? = nil
  ) {
    testDescription = name
    self.type = type
    bytes = Array(text.utf8)
    self.blobs = blobs
    self.manifests = manifests
    self.subject = subject
  }

  /// Pushes all that the manifest refers to, and not the manifest itself.
  func pushReferences(to repository: String, of server: LiveServer) async throws {
    for blob in blobs { try await server.pushBlob(blob, to: repository) }
    for manifest in manifests {
      try await manifest.pushReferences(to: repository, of: server)
      let reply = try await server.pushManifest(
        manifest.bytes, to: repository, as: Digest.of(manifest.bytes).description, type: manifest.type)
      try #require(reply.status == 201, "\(reply.text)")
    }
  }

  /// The descriptor of the manifest, for an index.
  func descriptor(_ extra: String = "") -> String { Sample.descriptor(type.value, bytes, extra: extra) }
}

extension ManifestSample {
  private static let empty = Array("{}".utf8)
  private static let config = Array(#"{"architecture":"amd64","os":"linux"}"#.utf8)
  private static let layer = Array("a layer".utf8)
  private static let absent = Digest.of(Array("what nobody pushed".utf8))

  private static let ociConfig = Sample.descriptor("application/vnd.oci.image.config.v1+json", config)
  private static let ociLayer = Sample.descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)
  private static let emptyConfig = Sample.descriptor("application/vnd.oci.empty.v1+json", empty)

  private static func image(_ name: String, _ members: String, subject: Digest? = nil) -> ManifestSample {
    ManifestSample(
      name, .ociManifest,
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(ociConfig),\#(members)}"#,
      blobs: [config, layer], subject: subject)
  }

  private static func index(_ name: String, _ entries: [String], _ extra: String = "", of manifests: [ManifestSample])
    -> ManifestSample
  {
    ManifestSample(
      name, .ociIndex, String(decoding: Sample.index(entries, extra: extra), as: UTF8.self), manifests: manifests)
  }

  static let ociImage = image("an OCI image", #""layers":[\#(ociLayer)]"#)
  private static let arm = image("an OCI image for arm64", #""layers":[\#(ociLayer)],"annotations":{"arch":"arm64"}"#)

  private static let platform = #","platform":{"architecture":"amd64","os":"linux"}"#
  static let ociIndex = index(
    "an OCI index", [ociImage.descriptor(platform), arm.descriptor()], of: [ociImage, arm])

  private static let docker = ManifestSample(
    "Docker's schema 2", .dockerManifest,
    """
    {
       "schemaVersion": 2,
       "mediaType": "\(MediaType.dockerManifest)",
       "config": \(Sample.descriptor("application/vnd.docker.container.image.v1+json", config)),
       "layers": [
          \(Sample.descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)),
          {"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "size": 1612893008,
           "digest": "\(absent)", "urls": ["https://example.com/layer"]}
       ]
    }
    """, blobs: [config, layer])

  private static let attestation = image(
    "a BuildKit attestation",
    #""layers":[\#(Sample.descriptor("application/vnd.in-toto+json", layer, extra: #","annotations":{"in-toto.io/predicate-type":"https://spdx.dev/Document"}"#))],"subject":\#(ociImage.descriptor())"#,
    subject: Digest.of(ociImage.bytes))

  static let all: [ManifestSample] = [
    ociImage,
    ociIndex,
    docker,
    attestation,
    image("an image without layers", #""layers":[]"#),
    image(
      "an image of white space and escapes",
      "\n\t \"layers\" : [ \r\n\(ociLayer) ] , \"\\u0061\\/b\":\"\\ud83d\\ude00\"\n"),
    image(
      "an image of fields that nobody knows",
      #""layers":[\#(ociLayer)],"x":{"y":[1,2.5e3,null,true,"z"]},"big":123456789012345678901234567890,"é":"ü""#),
    image(
      "an image with a layer that may not be distributed",
      #""layers":[\#(ociLayer),{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip","digest":"\#(absent)","size":5,"urls":["https://example.com/"]}]"#
    ),
    image(
      "an image whose subject is not there",
      #""layers":[],"subject":{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(absent)","size":7}"#,
      subject: absent),
    ManifestSample(
      "an image that does not say its type", .ociManifest, #"{"schemaVersion":2,"config":\#(ociConfig),"layers":[]}"#,
      blobs: [config]),
    ManifestSample(
      "an artifact of a type and nothing else", .ociManifest,
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","artifactType":"application/vnd.example.sbom","config":\#(emptyConfig),"layers":[]}"#,
      blobs: [empty]),
    ManifestSample(
      "an artifact that carries its data", .ociManifest,
      #"{"schemaVersion":2,"artifactType":"application/vnd.example.sbom","config":\#(Sample.descriptor("application/vnd.oci.empty.v1+json", empty, extra: #","data":"e30=""#)),"layers":[\#(Sample.descriptor("text/plain", layer, extra: #","data":"YSBsYXllcg==""#))]}"#,
      blobs: [empty, layer]),
    ManifestSample(
      "a Helm chart", .ociManifest,
      #"{"schemaVersion":2,"config":\#(Sample.descriptor("application/vnd.cncf.helm.config.v1+json", config)),"layers":[\#(Sample.descriptor("application/vnd.cncf.helm.chart.content.v1.tar+gzip", layer))],"annotations":{"org.opencontainers.image.title":"chart"}}"#,
      blobs: [config, layer]),
    ManifestSample(
      "the artifact manifest of the release candidates", .ociArtifactManifest,
      #"{"mediaType":"\#(MediaType.ociArtifactManifest)","artifactType":"application/vnd.example.sbom","blobs":[\#(Sample.descriptor("text/plain", layer))]}"#,
      blobs: [layer]),
    index("an index without entries", [], of: []),
    index("an index of indexes", [ociIndex.descriptor(), ociImage.descriptor()], of: [ociIndex]),
    index(
      "an index of one manifest twice", [ociImage.descriptor(platform), ociImage.descriptor()],
      #","annotations":{"a":"b"}"#, of: [ociImage]),
    ManifestSample(
      "Docker's manifest list", .dockerManifestList,
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.dockerManifestList)","manifests":[\#(docker.descriptor(platform))]}"#,
      manifests: [docker]),
    index(
      "BuildKit's index of an image and its attestation",
      [
        ociImage.descriptor(platform),
        attestation.descriptor(
          #","annotations":{"vnd.docker.reference.digest":"\#(Digest.of(ociImage.bytes))","vnd.docker.reference.type":"attestation-manifest"},"platform":{"architecture":"unknown","os":"unknown"}"#
        ),
      ], of: [ociImage, attestation]),
    ManifestSample(
      "BuildKit's cache, an index of layers", .ociIndex,
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(Sample.descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer, extra: #","annotations":{"buildkit/createdat":"2024-01-01T00:00:00Z"}"#)),\#(Sample.descriptor("application/vnd.buildkit.cacheconfig.v0", config))]}"#,
      blobs: [config, layer]),
    ManifestSample(
      "BuildKit's cache, an image", .ociManifest,
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(Sample.descriptor("application/vnd.buildkit.cacheconfig.v0", config)),"layers":[\#(ociLayer)]}"#,
      blobs: [config, layer]),
  ]
}
