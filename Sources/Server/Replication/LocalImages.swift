import BlobStorage
import Catalog
import Images
import NIOCore
import OCI
import Registry
import RegistryClient

/// The images of a repository of this registry, read where they are stored.
struct LocalImages: ImageSource {
  let registry: Registry
  let repository: RepositoryName

  /// How many referrers are listed together.
  private static let page = 1_000

  var place: String { repository.value }

  func resolve(_ name: ImageName?) async throws -> Descriptor? {
    let reference: Reference
    switch name {
    case nil: reference = .tag(.latest)
    case .digest(let digest): reference = .digest(digest)
    case .name(let name):
      guard let tag = name.tag else { return nil }
      reference = .tag(tag)
    }
    return try await stored(reference).map { stored in
      Descriptor(mediaType: stored.mediaType, digest: stored.digest, size: Int64(stored.bytes.count))
    }
  }

  func manifest(_ descriptor: Descriptor) async throws -> Manifest? {
    guard let stored = try await stored(.digest(descriptor.digest)) else { return nil }
    return try Manifest(parsing: stored.bytes, contentType: stored.mediaType)
  }

  private func stored(_ reference: Reference) async throws -> StoredManifest? {
    do {
      return try await registry.manifest(reference, in: repository)
    } catch  where error.code == .manifestUnknown {
      return nil
    }
  }

  func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    ByteStream(LocalBlob(blob: OpenBlob(try await registry.blob(descriptor.digest, in: repository)), offset: offset))
  }

  func referrers(of digest: Digest) async throws -> [Descriptor] {
    var all: [Descriptor] = []
    while true {
      let page = try await registry.referrers(
        to: digest, in: repository, artifactType: nil, after: all.last?.digest, limit: Self.page)
      all += page.elements
      guard page.hasMore else { return all }
    }
  }
}

/// The bytes of a blob of the store.
private struct LocalBlob: AsyncSequence, Sendable {
  let blob: OpenBlob
  let offset: Int64

  struct Iterator: AsyncIteratorProtocol {
    let blob: OpenBlob
    var offset: Int64

    mutating func next() async throws -> ByteBuffer? {
      let bytes = try await blob.stored.read(from: offset, count: Self.piece)
      offset += Int64(bytes.readableBytes)
      return bytes.readableBytes > 0 ? bytes : nil
    }

    private static let piece = 256 << 10
  }

  func makeAsyncIterator() -> Iterator { Iterator(blob: blob, offset: offset) }
}

/// Keeps a blob open for as long as somebody may read it: a copy that fails leaves its streams where they are.
private final class OpenBlob: Sendable {
  let stored: any StoredBlob

  init(_ stored: any StoredBlob) {
    self.stored = stored
  }

  deinit {
    let stored = stored
    Task { await stored.close() }
  }
}
