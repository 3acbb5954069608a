internal import Archives
internal import Locks
internal import NIOCore
internal import OCI
internal import RegistryClient

/// An image of an archive with plain layers, as it looks to a registry: with compressed layers and a manifest.
struct PackedImage: Sendable {
  private struct Blob: Sendable {
    let part: FilePart
    let isCompressedHere: Bool
  }

  let manifest: Manifest
  let descriptor: Descriptor
  private let blobs: [Digest: Blob]

  /// Compresses all layers once, to know their digests; the bytes are made again when they are wanted.
  init(_ image: DockerArchiveList.Image, in tar: TarIndex, place: String) async throws {
    let configPart = try Self.part(image.config, in: tar, place)
    let layerParts = try image.layers.map { try Self.part($0, in: tar, place) }
    let bytes = try await FileThreads.run { try configPart.readAll(limit: 8 << 20) }
    let config = try ImageConfig(parsing: bytes)
    guard config.layerDigests.count == layerParts.count else {
      throw ImagesError(
        .malformed,
        "\(place) has \(layerParts.count) layers for an image whose config names \(config.layerDigests.count)")
    }
    let layers = try await zip(layerParts, config.layerDigests).map { $0 }.concurrently(4) { part, diffID in
      try await Self.layer(part, diffID, place)
    }
    let configDescriptor = Descriptor(
      mediaType: try MediaType(parsing: "application/vnd.oci.image.config.v1+json"), digest: Digest.of(bytes),
      size: Int64(bytes.count))
    manifest = try Manifest(
      parsing: Array(
        JSONText.object([
          ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociManifest.value)),
          ("config", configDescriptor.json), ("layers", JSONText.array(layers.map(\.descriptor.json))),
        ]).utf8), contentType: .ociManifest)
    descriptor = manifest.descriptor
    var blobs = [configDescriptor.digest: Blob(part: configPart, isCompressedHere: false)]
    for (layer, part) in zip(layers, layerParts) {
      blobs[layer.descriptor.digest] = Blob(part: part, isCompressedHere: layer.isCompressedHere)
    }
    self.blobs = blobs
  }

  /// The bytes of a blob from an offset on; nil where it is none of this image.
  func blob(_ digest: Digest, from offset: Int64) -> ByteStream? {
    guard let blob = blobs[digest] else { return nil }
    if !blob.isCompressedHere { return blob.part.bytes(from: offset) }
    return ByteStream(GzipPieces(part: blob.part, offset: offset))
  }

  private static func part(_ path: String, in tar: TarIndex, _ place: String) throws -> FilePart {
    guard let part = tar.part(path) else {
      throw ImagesError(.missing, "\(place) has no file \(quoted(path)), though its manifest.json names it")
    }
    return part
  }

  private static func layer(
    _ part: FilePart, _ diffID: Digest, _ place: String
  ) async throws -> (descriptor: Descriptor, isCompressedHere: Bool) {
    let compression = try await FileThreads.run {
      try Compressed.compression(of: try part.file.read(at: part.range.lowerBound, count: Int(min(4, part.size))))
    }
    let (plain, packed) = (Locked(Digest.Hasher(diffID.algorithm)), Locked(Digest.Hasher(.sha256)))
    let type: String
    var size: Int64 = 0
    switch compression {
    case .none:
      type = "application/vnd.oci.image.layer.v1.tar+gzip"
      let pieces = GzipPieces(part: part, offset: 0) { bytes in plain.withLock { $0.update(bytes) } }
      for try await piece in pieces {
        size += Int64(piece.readableBytes)
        piece.withUnsafeReadableBytes { bytes in packed.withLock { $0.update(bytes) } }
      }
      let digest = plain.withLock { $0.finalize() }
      guard digest == diffID else {
        throw ImagesError(.mismatch, "\(place) has a layer \(digest) where the image's config says \(diffID)")
      }
    case .gzip, .zstd:
      type = "application/vnd.oci.image.layer.v1.tar+\(compression == .gzip ? "gzip" : "zstd")"
      size = part.size
      for try await piece in part.bytes(from: 0) {
        piece.withUnsafeReadableBytes { bytes in packed.withLock { $0.update(bytes) } }
      }
    }
    let descriptor = Descriptor(
      mediaType: try MediaType(parsing: type), digest: packed.withLock { $0.finalize() }, size: size)
    return (descriptor, compression == .none)
  }
}
