import Archives
import Images
import NIOCore
import OCI
import RegistryClient

/// An image of some small files, written into a layout.
struct SmallImage {
  /// A layer's files by their paths; those whose names begin with `.wh.` take files away.
  typealias Files = [(path: String, content: String)]

  var platform = Platform.current
  var layers: [Files] = [[("etc/motd", "hello")]]
  /// The members of the config's `config`, as JSON.
  var runtime = #"{"Env":["PATH=/bin"],"Labels":{"org.example.team":"berth"}}"#

  /// Writes the image.
  ///
  /// - Returns: what points at it, with its platform.
  @discardableResult
  func write(to layout: LayoutFolder, at place: ManifestPlace) async throws -> Descriptor {
    var (descriptors, diffIDs): ([Descriptor], [Digest]) = ([], [])
    for layer in layers {
      let archive = try Self.archive(layer)
      diffIDs.append(Digest.of(archive))
      descriptors.append(
        try await Self.write(archive, "application/vnd.oci.image.layer.v1.tar", to: layout))
    }
    let history = layers.indices.map { #"{"created_by":"COPY layer-\#($0) / # buildkit"}"# }
    let config = JSONText.object([
      ("architecture", JSONText.string(platform.architecture)), ("os", JSONText.string(platform.os)),
      ("created", JSONText.string("2026-01-31T12:00:00Z")), ("config", runtime),
      ("rootfs", #"{"type":"layers","diff_ids":\#(JSONText.array(diffIDs.map { JSONText.string("\($0)") }))}"#),
      ("history", JSONText.array(history + [#"{"created_by":"CMD [\"sh\"]","empty_layer":true}"#])),
    ])
    let descriptor = try await Self.write(
      Array(config.utf8), "application/vnd.oci.image.config.v1+json", to: layout)
    let manifest = JSONText.object([
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociManifest.value)),
      ("config", descriptor.json), ("layers", JSONText.array(descriptors.map(\.json))),
    ])
    return try await Self.write(manifest, .ociManifest, platform: platform, to: layout, at: place)
  }

  /// Writes an index of images.
  @discardableResult
  static func index(_ images: [SmallImage], to layout: LayoutFolder, as name: String) async throws -> Descriptor {
    var entries: [Descriptor] = []
    for image in images { entries.append(try await image.write(to: layout, at: .inside)) }
    let index = JSONText.object([
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociIndex.value)),
      ("manifests", JSONText.array(entries.map(\.json))),
    ])
    return try await write(index, .ociIndex, platform: nil, to: layout, at: .named(try RefName(parsing: name)))
  }

  private static func write(
    _ text: String, _ type: MediaType, platform: Platform?, to layout: LayoutFolder, at place: ManifestPlace
  ) async throws -> Descriptor {
    let manifest = try Manifest(parsing: Array(text.utf8), contentType: type)
    let descriptor = Descriptor(
      mediaType: type, digest: Digest.of(manifest.bytes), size: Int64(manifest.bytes.count), platform: platform)
    try await layout.write(manifest, descriptor, at: place)
    return descriptor
  }

  private static func write(_ bytes: [UInt8], _ type: String, to layout: LayoutFolder) async throws -> Descriptor {
    let descriptor = Descriptor(
      mediaType: try MediaType(parsing: type), digest: Digest.of(bytes), size: Int64(bytes.count))
    try await layout.write(descriptor, from: { offset in ByteStream(OneBuffer(bytes: Array(bytes[Int(offset)...]))) }) {
      _ in
    }
    return descriptor
  }

  private static func archive(_ files: Files) throws -> [UInt8] {
    var writer = TarWriter()
    var archive = ByteBuffer()
    for (path, content) in files {
      archive.writeImmutableBuffer(
        try writer.begin(TarEntry(path: ArchivePath(path), size: Int64(content.utf8.count))))
      archive.writeImmutableBuffer(try writer.write(ByteBuffer(string: content)))
    }
    archive.writeImmutableBuffer(try writer.finish())
    return Array(archive.readableBytesView)
  }
}

/// Bytes that come in one piece.
private struct OneBuffer: AsyncSequence, Sendable {
  let bytes: [UInt8]

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: ByteBuffer(bytes: bytes)) }

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ByteBuffer?

    mutating func next() -> ByteBuffer? {
      defer { rest = nil }
      return rest
    }
  }
}
