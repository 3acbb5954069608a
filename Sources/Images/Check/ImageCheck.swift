internal import Archives
internal import Locks
internal import NIOCore
internal import OCI
internal import RegistryClient

/// Finds out whether an image is whole.
public struct ImageCheck: Sendable {
  /// What it looks at.
  public let depth: CheckDepth
  /// How many blobs are read at the same time.
  public let blobsAtOnce: Int

  /// Takes what is wanted.
  public init(_ depth: CheckDepth = .content, blobsAtOnce: Int = 6) {
    self.depth = depth
    self.blobsAtOnce = blobsAtOnce
  }

  /// Checks an image, and of an index all that it lists.
  ///
  /// - Returns: the faults of the image, faults of transfers included; those of a single blob do not end the check.
  /// - Throws: where there is nothing of that name, and where the place cannot be spoken to.
  public func run(_ name: ImageName?, in source: any ImageSource) async throws -> CheckReport {
    let root = try await source.mustResolve(name)
    let work = CheckWork(source: source, depth: depth)
    try await work.manifest(root, platform: root.platform, level: 0)
    try await work.blobs(blobsAtOnce)
    return work.report(root)
  }
}

/// A check under way.
private final class CheckWork: Sendable {
  private struct BlobUse: Sendable {
    let blob: Descriptor
    let manifest: Digest
    let platform: Platform?
    /// What the blob has to decompress to, of a layer whose config says so.
    let diffID: Digest?
  }

  private struct State {
    var manifests: Set<Digest> = []
    var uses: [BlobUse] = []
    var blobs: Set<Digest> = []
    var bytes: Int64 = 0
    var problems: [CheckReport.Problem] = []
  }

  private let source: any ImageSource
  private let depth: CheckDepth
  private let state = Locked(State())

  init(source: any ImageSource, depth: CheckDepth) {
    self.source = source
    self.depth = depth
  }

  func report(_ image: Descriptor) -> CheckReport {
    state.withLock { state in
      CheckReport(
        image: image, manifests: state.manifests.count, blobs: state.blobs.count, bytes: state.bytes,
        problems: state.problems)
    }
  }

  private func report(_ manifest: Digest, _ platform: Platform?, _ message: String) {
    state.withLock { $0.problems.append(.init(manifest: manifest, platform: platform, message: message)) }
  }

  /// Looks at a manifest and those below it.
  func manifest(_ descriptor: Descriptor, platform: Platform?, level: Int) async throws {
    guard level < ImageSurvey.maximumDepth else {
      return report(
        descriptor.digest, platform, "indexes lie in indexes deeper than \(ImageSurvey.maximumDepth) levels")
    }
    guard state.withLock({ $0.manifests.insert(descriptor.digest).inserted }) else { return }
    let manifest: Manifest
    do {
      guard let found = try await source.manifest(descriptor) else {
        return report(descriptor.digest, platform, "the manifest is missing")
      }
      manifest = found
    } catch  where error.isFaultOfContent {
      return report(descriptor.digest, platform, "\(error)")
    }
    if Int64(manifest.bytes.count) != descriptor.size {
      report(
        descriptor.digest, platform,
        "the manifest has \(manifest.bytes.count) bytes, and what refers to it says \(descriptor.size)")
    }
    if manifest.mediaType != descriptor.mediaType {
      report(
        descriptor.digest, platform,
        "the manifest is \(manifest.mediaType), and what refers to it says \(descriptor.mediaType)")
    }
    let diffIDs = try await config(of: manifest, descriptor, platform)
    for (index, blob) in manifest.blobs.enumerated() {
      let layer = manifest.config == nil ? index : index - 1
      let isLayer = manifest.config == nil || index > 0
      let diffID = isLayer && diffIDs.indices.contains(layer) ? diffIDs[layer] : nil
      let use = BlobUse(blob: blob, manifest: descriptor.digest, platform: platform, diffID: diffID)
      state.withLock { $0.uses.append(use) }
    }
    for entry in manifest.entries where entry.mediaType.manifestKind != nil {
      try await self.manifest(entry, platform: entry.platform, level: level + 1)
    }
  }

  /// Looks at the config of an image that runs.
  ///
  /// - Returns: what its layers decompress to; nothing where the layers that may not be distributed break the order.
  private func config(
    of manifest: Manifest, _ descriptor: Descriptor, _ platform: Platform?
  ) async throws -> [Digest] {
    guard let blob = manifest.config, blob.mediaType.isImageConfig else { return [] }
    let config: ImageConfig
    do {
      config = try ImageConfig(parsing: try await source.content(of: blob))
    } catch let error as InvalidManifest {
      report(descriptor.digest, platform, "the config \(blob.digest) cannot be read: \(error)")
      return []
    } catch  where error.isFaultOfContent {
      // The blob is looked at with the others.
      return []
    }
    if let platform, platform.os != "unknown", let actual = config.platform, !actual.satisfies(platform) {
      report(descriptor.digest, platform, "the index says \(platform), and the config says \(actual)")
    }
    // BuildKit's attestations have a config, and layers that are no file systems.
    guard manifest.layers.allSatisfy(\.mediaType.isFilesystemLayer) else { return [] }
    if config.layerDigests.count != manifest.layers.count {
      report(
        descriptor.digest, platform,
        "the manifest has \(manifest.layers.count) layers, and the config names \(config.layerDigests.count)")
      return []
    }
    return manifest.layers.contains(where: \.mediaType.isNonDistributable) ? [] : config.layerDigests
  }

  /// Looks at all blobs, each once.
  func blobs(_ atOnce: Int) async throws {
    let uses = state.withLock { state in
      state.uses.filter { state.blobs.insert($0.blob.digest).inserted }
    }
    state.withLock { $0.bytes = uses.reduce(0) { $0 + $1.blob.size } }
    let faults = try await uses.concurrently(atOnce) { use in try await self.fault(of: use) }
    for (use, fault) in zip(uses, faults) {
      if let fault { report(use.manifest, use.platform, fault) }
    }
  }

  private func fault(of use: BlobUse) async throws -> String? {
    do {
      if depth == .presence, let target = source as? any ImageTarget {
        return try await target.hasBlob(use.blob) ? nil : "the blob \(use.blob.digest) is missing"
      }
      let stream = try await source.blob(use.blob, from: 0)
      if depth == .presence { return nil }
      return try await BlobCheck(use.blob, diffID: use.diffID).fault(of: stream)
    } catch  where error.isFaultOfContent {
      return "\(error)"
    } catch let error as ArchiveError {
      return "the layer \(use.blob.digest) cannot be decompressed: \(error)"
    }
  }
}

/// Reads a blob and finds out whether it is what its descriptor, and for a layer its config, says.
private struct BlobCheck: Sendable {
  let blob: Descriptor
  let diffID: Digest?

  init(_ blob: Descriptor, diffID: Digest?) {
    self.blob = blob
    self.diffID = diffID
  }

  func fault(of stream: ByteStream) async throws -> String? {
    let work = BlobReading(blob.digest.algorithm, diffID?.algorithm)
    for try await piece in stream { try await FileThreads.run { try work.take(piece) } }
    let (size, digest, plain) = try await FileThreads.run { try work.finish() }
    guard size == blob.size else { return "the blob \(blob.digest) has \(size) bytes, and not \(blob.size)" }
    guard digest == blob.digest else { return "the blob \(blob.digest) has other bytes: their digest is \(digest)" }
    guard let diffID, let plain, plain != diffID else { return nil }
    return "the layer \(blob.digest) decompresses to \(plain), and the config says \(diffID)"
  }
}

/// The digests of a blob's bytes and of what they decompress to.
///
/// It is handed from one file thread to the next, and used by one at a time: each piece is waited for.
private final class BlobReading: @unchecked Sendable {
  private var packed: Digest.Hasher
  private var plain: Digest.Hasher?
  private let decompressor = Decompressor()
  private var size: Int64 = 0

  init(_ algorithm: Digest.Algorithm, _ plainAlgorithm: Digest.Algorithm?) {
    packed = Digest.Hasher(algorithm)
    plain = plainAlgorithm.map { Digest.Hasher($0) }
  }

  func take(_ piece: ByteBuffer) throws {
    size += Int64(piece.readableBytes)
    piece.withUnsafeReadableBytes { packed.update($0) }
    if plain != nil { try decompressor.decode(piece, hashPlain) }
  }

  func finish() throws -> (size: Int64, packed: Digest, plain: Digest?) {
    let digest = packed.finalize()
    if plain != nil { try decompressor.finish(hashPlain) }
    return (size, digest, plain?.finalize())
  }

  private func hashPlain(_ piece: ByteBuffer) {
    piece.withUnsafeReadableBytes { plain?.update($0) }
  }
}

extension MediaType {
  /// Whether content of this type is a layer of a file system, packed or not.
  fileprivate var isFilesystemLayer: Bool {
    value.hasPrefix("application/vnd.oci.image.layer.") || value.hasPrefix("application/vnd.docker.image.rootfs.")
  }
}

extension Error {
  /// Whether it says that content is missing or wrong, and not that a place cannot be spoken to.
  fileprivate var isFaultOfContent: Bool {
    switch self {
    case let error as ImagesError: [.missing, .mismatch, .malformed].contains(error.code)
    case let error as RegistryClientError: [.notFound, .digestMismatch, .invalidAnswer].contains(error.code)
    default: false
    }
  }
}
