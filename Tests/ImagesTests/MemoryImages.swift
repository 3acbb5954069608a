import Images
import Locks
import NIOCore
import OCI
import RegistryClient

/// A source and a target in memory, which counts what it is asked and fails where it is told to.
final class MemoryImages: ImageSource, ImageTarget {
  struct State: Sendable {
    var blobs: [Digest: [UInt8]] = [:]
    var manifests: [Digest: Manifest] = [:]
    var names: [RefName: Descriptor] = [:]
    var referrers: [Digest: [Descriptor]] = [:]
    /// Everything that was asked and written, in order.
    var log: [String] = []
    /// How often each blob was read.
    var reads: [Digest: Int] = [:]
    /// How many reads of a blob give wrong bytes before a right one.
    var lies: [Digest: Int] = [:]
    var refusesBlobs = false
  }

  private let state: Locked<State>
  let place = "memory"
  private let pieceSize: Int

  init(_ images: [(String, SampleImage)] = [], pieceSize: Int = 1000) {
    var state = State()
    for (name, image) in images {
      state.blobs.merge(image.blobs) { first, _ in first }
      state.manifests.merge(image.manifests) { first, _ in first }
      if let name = try? RefName(parsing: name) { state.names[name] = image.descriptor }
    }
    self.state = Locked(state)
    self.pieceSize = pieceSize
  }

  /// Looks at what there is, and changes it.
  @discardableResult
  func edit<Result: Sendable>(_ body: (inout State) -> Result) -> Result { state.withLock(body) }

  var log: [String] { state.withLock { $0.log } }

  func add(_ image: SampleImage, refersTo subject: Digest? = nil) {
    state.withLock {
      $0.blobs.merge(image.blobs) { first, _ in first }
      $0.manifests.merge(image.manifests) { first, _ in first }
      if let subject { $0.referrers[subject, default: []].append(image.descriptor) }
    }
  }

  func resolve(_ name: ImageName?) async throws -> Descriptor? {
    state.withLock { state in
      switch name {
      case nil: state.names.values.first
      case .name(let name): state.names[name]
      case .digest(let digest): state.manifests[digest].map { Self.descriptor(of: $0, digest) }
      }
    }
  }

  private static func descriptor(of manifest: Manifest, _ digest: Digest) -> Descriptor {
    Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(manifest.bytes.count))
  }

  func manifest(_ descriptor: Descriptor) async throws -> Manifest? {
    state.withLock { $0.manifests[descriptor.digest] }
  }

  func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    let bytes = try state.withLock { state in
      state.reads[descriptor.digest, default: 0] += 1
      guard var bytes = state.blobs[descriptor.digest] else {
        throw ImagesError(.missing, "memory has no blob \(descriptor.digest)")
      }
      if let lies = state.lies[descriptor.digest], lies > 0 {
        state.lies[descriptor.digest] = lies - 1
        bytes[bytes.count / 2] ^= 1
      }
      return bytes
    }
    let (pieces, input) = AsyncStream.makeStream(of: ByteBuffer.self)
    var position = Int(offset)
    while position < bytes.count {
      let end = min(bytes.count, position + pieceSize)
      input.yield(ByteBuffer(bytes: bytes[position..<end]))
      position = end
    }
    input.finish()
    return ByteStream(pieces)
  }

  func referrers(of digest: Digest) async throws -> [Descriptor] {
    state.withLock { $0.referrers[digest] ?? [] }
  }

  func digest(of name: RefName) async throws -> Digest? {
    state.withLock { state in
      state.log.append("HEAD \(name)")
      return state.names[name]?.digest
    }
  }

  func hasManifest(_ descriptor: Descriptor) async throws -> Bool {
    state.withLock { state in
      state.log.append("HEAD manifest")
      return state.manifests[descriptor.digest] != nil
    }
  }

  func hasBlob(_ descriptor: Descriptor) async throws -> Bool {
    state.withLock { state in
      state.log.append("HEAD blob")
      return state.blobs[descriptor.digest] != nil
    }
  }

  func write(
    _ blob: Descriptor, from read: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws {
    if state.withLock({ $0.refusesBlobs }) { throw ImagesError(.unsupported, "memory takes no blobs") }
    var bytes: [UInt8] = []
    for try await piece in try await read(0) {
      bytes += piece.readableBytesView
      progress(Int64(bytes.count))
    }
    guard Digest.of(bytes) == blob.digest else { throw ImagesError(.mismatch, "other bytes than \(blob.digest)") }
    state.withLock { state in
      state.log.append("write blob")
      state.blobs[blob.digest] = bytes
    }
  }

  func write(_ manifest: Manifest, _ descriptor: Descriptor, at place: ManifestPlace) async throws {
    try state.withLock { state in
      let needed = manifest.requiredBlobs.union([])
      guard needed.isSubset(of: Set(state.blobs.keys)),
        manifest.entryDigests.isSubset(of: Set(state.manifests.keys).union(state.blobs.keys))
      else { throw ImagesError(.missing, "what the manifest needs is not there") }
      state.manifests[descriptor.digest] = manifest
      switch place {
      case .inside, .listed: state.log.append("write manifest")
      case .named(let name):
        state.log.append("write \(name)")
        state.names[name] = descriptor
      }
      if let subject = manifest.subject { state.referrers[subject.digest, default: []].append(descriptor) }
    }
  }
}
