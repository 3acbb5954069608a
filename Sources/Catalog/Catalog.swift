public import OCI

/// What is known about the bytes: repositories, manifests, tags and their history, uploads, what is to be collected.
///
/// Each method is one transaction. What a method that changes something returned survives power loss, except where it
/// says otherwise. A blob is *linked* to the repositories that have it; a repository sees no other blob. Nothing is
/// deleted in the request that asks for it: rows are hidden at once and wait for `Catalog+Collection`'s review.
public protocol Catalog:
  CollectionCatalog, DoctorCatalog, MirrorCatalog, HistoryCatalog, TrashCatalog, ProtectionCatalog, RetentionCatalog,
  PackageCatalog, QuotaCatalog, WhyCatalog, UsageCatalog, AccessCatalog, AuditCatalog, FeedCatalog,
  ReplicationCatalog, WebhookCatalog
{
  // MARK: Lists

  /// The repositories that hold a manifest and that a filter and a rule of the caller's let through, in the order of their
  /// names' bytes, after one name.
  func repositories(
    _ filter: RepositoryFilter, where isListed: @escaping @Sendable (RepositoryName) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [RepositoryName]

  /// A repository's tags, in the order of their bytes, after one tag; nil where it holds no manifest.
  func tags(in repository: RepositoryName, after: String?, limit: Int) async throws(CatalogError) -> [Tag]?

  /// The manifests whose subject is the digest, in the order of their digests, after one digest, of one artifact type
  /// where one is given.
  func referrers(
    to subject: Digest, in repository: RepositoryName, artifactType: String?, after: Digest?, limit: Int
  ) async throws(CatalogError) -> [Descriptor]

  // MARK: Pull

  /// The manifest that a tag or a digest names.
  func manifest(_ reference: Reference, in repository: RepositoryName) async throws(CatalogError) -> StoredManifest?

  /// The size of a blob that is linked to the repository, in bytes; nil where it is not, or where its bytes are lost.
  ///
  /// - Parameter touchedUnless: a blob that waits for review since before this moment is put at the queue's end, so that
  ///   a client that was told that it is there finds it there when it pushes the manifest; nil does not touch.
  func blobSize(
    _ digest: Digest, in repository: RepositoryName, touchedUnless: Timestamp?
  ) async throws(CatalogError) -> Int64?

  // MARK: Push

  /// Records that an upload has begun. It survives the end of the process, and power loss need not.
  ///
  /// - Throws: also `overQuota` where a quota leaves no room at all.
  func beginUpload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError)

  /// An upload of that name that is in progress in the repository, and the quota that leaves it least room; nil where
  /// there is none.
  func upload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError) -> BegunUpload?

  /// Forgets an upload. It survives the end of the process, and power loss need not.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  func endUpload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError) -> Bool

  /// Links a blob that is in the store to a repository, and forgets the upload that brought it.
  func linkBlob(
    _ digest: Digest, size: Int64, to repository: RepositoryName, ending upload: UploadID?
  ) async throws(CatalogError) -> LinkOutcome

  /// Links a blob that a repository, or any repository where `source` is nil, has to another one.
  ///
  /// - Returns: the blob's size in bytes, or nil where the source does not have it.
  func mountBlob(
    _ digest: Digest, from source: RepositoryName?, to repository: RepositoryName
  ) async throws(CatalogError) -> Int64?

  /// Stores a manifest with all that follows from it, or nothing.
  ///
  /// - Throws: also `refused` where a rule keeps one of its tags at another digest.
  func commitManifest(_ push: ManifestPush) async throws(CatalogError) -> ManifestCommit

  // MARK: Delete

  /// Ends a tag; its manifest and other tags stay.
  ///
  /// - Returns: whether there was such a tag.
  /// - Throws: also `refused` where a rule keeps it.
  func deleteTag(_ tag: Tag, in repository: RepositoryName, by actor: Author) async throws(CatalogError) -> Bool

  /// Hides a manifest and ends its tags.
  ///
  /// - Throws: also `refused` where a rule keeps one of them, or it, or it is held.
  func deleteManifest(
    _ digest: Digest, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> DeleteOutcome

  /// Hides a blob from a repository.
  func deleteBlob(
    _ digest: Digest, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> DeleteOutcome

  // MARK: Life

  /// Answers whether the catalogue can be read and written, by doing both.
  func check() async throws(CatalogError)

  /// How much there is, for metrics.
  func totals() async throws(CatalogError) -> CatalogTotals

  /// Writes what is to be written and lets go of everything. No other call may follow.
  func close() async throws(CatalogError)
}

extension Catalog {
  /// The repositories that hold a manifest and that a filter lets through, in the order of their names' bytes, after one
  /// name.
  public func repositories(
    _ filter: RepositoryFilter, after: String?, limit: Int
  ) async throws(CatalogError) -> [RepositoryName] {
    try await repositories(filter, where: { _ in true }, after: after, limit: limit)
  }
}

/// A manifest as it was pushed.
public struct StoredManifest: Hashable, Sendable {
  /// The digest of the bytes.
  public let digest: Digest
  /// The type that the manifest was pushed with.
  public let mediaType: MediaType
  /// The bytes.
  public let bytes: [UInt8]

  /// Makes one of its parts.
  public init(digest: Digest, mediaType: MediaType, bytes: [UInt8]) {
    self.digest = digest
    self.mediaType = mediaType
    self.bytes = bytes
  }
}

/// What became of a request to link a blob.
public enum LinkOutcome: Hashable, Sendable {
  /// The repository has the blob.
  case linked
  /// The collector is removing the blob's bytes at this moment: publish them again and ask again.
  case beingRemoved
}

/// What became of a request to delete by digest.
public enum DeleteOutcome: Hashable, Sendable {
  case deleted
  /// There was nothing of that digest.
  case unknown
  /// It stays, because this manifest needs it.
  case needed(by: Digest)
}

/// How much a catalogue knows of.
public struct CatalogTotals: Hashable, Sendable {
  /// Blobs whose bytes are in the store.
  public let blobs: Int64
  /// The sum of their sizes, in bytes.
  public let blobBytes: Int64
  /// Candidates that wait for the collector.
  public let reviewQueue: Int64

  /// Makes one of its parts.
  public init(blobs: Int64, blobBytes: Int64, reviewQueue: Int64) {
    self.blobs = blobs
    self.blobBytes = blobBytes
    self.reviewQueue = reviewQueue
  }
}
