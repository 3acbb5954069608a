import BlobStorage
import Catalog
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

/// A registry on a real store and a real catalogue, with what tests do to it in one word each.
///
/// Blobs are named by a text and hold it, so that the same name is the same blob.
struct RegistryOnDisk: Sendable {
  let folder: String
  let store: FileBlobStore
  let catalog: SQLiteCatalog
  let registry: Registry
  let collector: Collector

  /// The repository that is meant where none is named.
  static let repository = RepositoryName.named("team/app")

  /// Makes a registry for as long as `body` runs.
  ///
  /// - Parameters:
  ///   - path: the data folder; nil stands for a new one, which is removed in the end.
  ///   - batch: how many candidates a transaction of the collector looks at.
  static func run(
    in path: String? = nil, batch: Int = 64, _ body: (RegistryOnDisk) async throws -> Void
  ) async throws {
    guard let path else {
      return try await withTemporaryFolder { try await run(in: $0, batch: batch, body) }
    }
    let disk = try await RegistryOnDisk(path, batch: batch)
    do {
      try await body(disk)
    } catch {
      try await disk.catalog.close()
      throw error
    }
    try await disk.catalog.close()
  }

  private init(_ path: String, batch: Int) async throws {
    folder = path
    store = try await FileBlobStore(folder: path)
    catalog = try SQLiteCatalog(path: "\(path)/catalog.sqlite")
    registry = Self.registry(store, catalog)
    collector = Collector(registry: registry, policy: .asIfLater, batch: batch)
  }

  /// Another registry on the same store and catalogue, as the next process would have it.
  func restarted() -> Registry { restarted(on: store) }

  /// Another registry on another store with the same bytes.
  func restarted(on store: any BlobStore) -> Registry { Self.registry(store, catalog) }

  private static func registry(_ store: any BlobStore, _ catalog: SQLiteCatalog) -> Registry {
    Registry(
      blobs: store, catalog: catalog,
      configuration: Registry.Configuration(collectionGrace: .zero, allowsSparseIndexes: false))
  }
}

extension Collector.Policy {
  /// Takes whatever nobody needs, as if all of it had waited for a minute already.
  static let asIfLater = Collector.Policy(grace: .seconds(-60), uploadExpiry: .seconds(-60), untaggedAfter: nil)

  /// As `asIfLater`, and takes manifests without a tag too.
  static let untagged = Collector.Policy(
    grace: .seconds(-60), uploadExpiry: .seconds(-60), untaggedAfter: .seconds(-60))

  /// Takes only what has waited for an hour, which nothing in a test has.
  static let patient = Collector.Policy(grace: .seconds(3600), uploadExpiry: .seconds(3600), untaggedAfter: nil)
}

extension RegistryOnDisk {
  /// Pushes a blob in one request.
  @discardableResult
  func push(_ content: String, to repository: RepositoryName = Self.repository) async throws -> Digest {
    try await push(Array(content.utf8), to: repository)
  }

  /// Pushes a blob in one request.
  @discardableResult
  func push(_ content: [UInt8], to repository: RepositoryName = Self.repository) async throws -> Digest {
    let digest = Digest.of(content)
    try await registry.pushBlob(digest, to: repository, length: nil, body: requestBody(content))
    return digest
  }

  /// Pushes the blobs of an image, and the image.
  @discardableResult
  func pushImage(
    _ blobs: [String], subject: Manifest? = nil, tags: [String] = [], to repository: RepositoryName = Self.repository
  ) async throws -> Manifest {
    for blob in blobs { try await push(blob, to: repository) }
    return try await push(.image(blobs, subject: subject), tags: tags, to: repository)
  }

  /// Pushes a manifest by its digest and under tags.
  @discardableResult
  func push(
    _ manifest: Manifest, tags: [String] = [], to repository: RepositoryName = Self.repository
  ) async throws -> Manifest {
    _ = try await registry.pushManifest(
      manifest.bytes, contentType: manifest.mediaType, as: .digest(manifest.digest), tags: tags.map { .named($0) },
      to: repository, by: .somebody)
    return manifest
  }

  /// Deletes a manifest.
  func delete(_ manifest: Manifest, from repository: RepositoryName = Self.repository) async throws {
    try await registry.deleteManifest(.digest(manifest.digest), from: repository, by: .somebody)
  }

  /// What a client reads when it pulls a blob; nil where it is told that there is none.
  func pull(_ digest: Digest, from repository: RepositoryName = Self.repository) async throws -> [UInt8]? {
    do {
      return try await registry.blob(digest, in: repository).readToEnd()
    } catch let error as RegistryError where error.code == .blobUnknown {
      return nil
    }
  }

  /// What a client reads when it pulls a blob that holds its name.
  func pull(_ content: String, from repository: RepositoryName = Self.repository) async throws -> String? {
    try await pull(.blob(content), from: repository).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether a client finds a manifest.
  func has(_ manifest: Manifest, in repository: RepositoryName = Self.repository) async throws -> Bool {
    try await has(.digest(manifest.digest), in: repository)
  }

  /// Whether a client finds a manifest.
  func has(_ reference: Reference, in repository: RepositoryName = Self.repository) async throws -> Bool {
    do {
      _ = try await registry.manifest(reference, in: repository)
      return true
    } catch let error where error.code == .manifestUnknown {
      return false
    }
  }

  /// The digests of all blobs in the store.
  func storedDigests() async throws -> Set<Digest> {
    var digests: Set<Digest> = []
    for try await listing in store.allBlobs() { digests.insert(listing.digest) }
    return digests
  }

  /// A moment that is later than all that was done so far, and not later than all that comes.
  func moment() async -> Timestamp {
    let before = Timestamp.now
    while .now <= before { await Task.yield() }
    return .now
  }

  /// Examines the store and the catalogue.
  func examine(repairing: Bool = false) async throws -> Diagnosis {
    try await Doctor(blobs: store, catalog: catalog, repairs: repairing).examine()
  }
}

extension StoredBlob {
  /// Reads the whole blob and closes it.
  func readToEnd() async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let piece = try await read(from: Int64(bytes.count), count: 1 << 16)
      if piece.readableBytes == 0 { break }
      bytes += piece.readableBytesView
    }
    await close()
    return bytes
  }
}

/// The body of a request, in pieces.
func requestBody(_ pieces: [UInt8]...) -> AsyncThrowingStream<ByteBuffer, any Error> {
  AsyncThrowingStream { source in
    for piece in pieces { source.yield(ByteBuffer(bytes: piece)) }
    source.finish()
  }
}

/// The body of a request, as a text.
func requestBody(_ text: String) -> AsyncThrowingStream<ByteBuffer, any Error> { requestBody(Array(text.utf8)) }

/// Expects a request to be refused with a code, and answers the error.
@discardableResult
func expectRefusal(
  _ code: RegistryError.Code, status: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Void
) async -> RegistryError? {
  let error = await #expect(throws: RegistryError.self, sourceLocation: sourceLocation) { try await body() }
  if let error {
    #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
    #expect(error.status == status ?? code.status, sourceLocation: sourceLocation)
  }
  return error
}
