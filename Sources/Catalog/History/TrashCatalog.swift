public import OCI

/// What was deleted and can be restored.
///
/// A manifest that is deleted, or that clean-up hides, waits in the trash for the window of its repository's owner with
/// all that it needs, and only then for the collector. A tag's lifetime that has ended keeps what it named from clean-up
/// for as long. With a window of zero, nothing waits.
public protocol TrashCatalog: Sendable {
  /// How long an owner's trash is kept; nil where the owner says nothing.
  func trashWindow(of owner: AccountName) async throws(CatalogError) -> Duration?

  /// How long the trash of owners is kept that say nothing.
  func standardTrashWindow() async throws(CatalogError) -> Duration

  /// Sets how long an owner's trash is kept, what is in it included; nil has it kept as that of others.
  func setTrashWindow(_ window: Duration?, of owner: AccountName, by actor: Author) async throws(CatalogError)

  /// Sets how long the trash of owners is kept that say nothing, what is in it included.
  func setStandardTrashWindow(_ window: Duration) async throws(CatalogError)

  /// Manifests in the trash, of one repository or all, what goes first at the front, after one.
  func trashedManifests(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(CatalogError) -> [TrashedManifest]

  /// Deleted tags that can be restored and were not set again, of one repository or all, what goes first at the front,
  /// after one.
  func trashedTags(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(CatalogError) -> [TrashedTag]

  /// Restores a tag or a manifest, with what it lists at any depth and the referrers that no person deleted.
  func restore(_ restoration: Restoration) async throws(CatalogError) -> RestorationOutcome

  /// Ends the window of all that is in the trash of one repository or all; the next collection goes on with it.
  ///
  /// - Returns: how many manifests and tags there were.
  func emptyTrash(
    of repository: RepositoryName?, by actor: Author
  ) async throws(CatalogError) -> TrashCount

  /// Has what was in the trash until before a moment wait for its review from now on.
  ///
  /// - Returns: how many things were looked at; none means that there are no more.
  func releaseTrash(keptUntil moment: Timestamp, limit: Int) async throws(CatalogError) -> ReviewCount

  /// The sizes of all blobs that the trash alone keeps, in bytes. It reads all that is known of what is in the trash.
  func trashBytes() async throws(CatalogError) -> Int64
}

/// Where a page of a list of the trash ends.
public struct TrashPlace: Hashable, Sendable {
  /// Until when the last thing is kept.
  public let keptUntil: Timestamp
  /// The last thing's row.
  public let row: Int64

  /// Takes both.
  public init(keptUntil: Timestamp, row: Int64) {
    self.keptUntil = keptUntil
    self.row = row
  }
}

/// A manifest in the trash.
public struct TrashedManifest: Hashable, Sendable {
  /// The repository and the digest.
  public let manifest: RepositoryDigest
  /// Its type.
  public let mediaType: MediaType
  /// When it was deleted.
  public let deletedAt: Timestamp
  /// The name of who deleted it; nil for clean-up.
  public let deletedBy: String?
  /// Its place in the list, which tells until when it is kept.
  public let place: TrashPlace
  /// The sizes of the blobs that it needs and that only the trash keeps, in bytes.
  public let bytes: Int64

  /// Makes one of its parts.
  public init(
    manifest: RepositoryDigest, mediaType: MediaType, deletedAt: Timestamp, deletedBy: String?, place: TrashPlace,
    bytes: Int64
  ) {
    self.manifest = manifest
    self.mediaType = mediaType
    self.deletedAt = deletedAt
    self.deletedBy = deletedBy
    self.place = place
    self.bytes = bytes
  }
}

/// A deleted tag that can be restored.
public struct TrashedTag: Hashable, Sendable {
  /// The tag.
  public let tag: Tag
  /// Its repository, and what it named.
  public let manifest: RepositoryDigest
  /// When it was deleted.
  public let deletedAt: Timestamp
  /// The name of who deleted it; nil where nobody was recorded.
  public let deletedBy: String?
  /// Its place in the list, which tells until when it is kept.
  public let place: TrashPlace

  /// Makes one of its parts.
  public init(tag: Tag, manifest: RepositoryDigest, deletedAt: Timestamp, deletedBy: String?, place: TrashPlace) {
    self.tag = tag
    self.manifest = manifest
    self.deletedAt = deletedAt
    self.deletedBy = deletedBy
    self.place = place
  }
}

/// That a tag or a manifest is to be there again.
public struct Restoration: Hashable, Sendable {
  /// Where.
  public let repository: RepositoryName
  /// What.
  public let reference: Reference
  /// Whether a manifest gets the tags back that ended with it and are free.
  public let withTags: Bool
  /// Who restores.
  public let actor: Author

  /// Makes one of its parts.
  public init(_ reference: Reference, in repository: RepositoryName, withTags: Bool = false, by actor: Author) {
    self.repository = repository
    self.reference = reference
    self.withTags = withTags
    self.actor = actor
  }
}

/// What became of a restoration.
public enum RestorationOutcome: Hashable, Sendable {
  /// It is there, with these manifests and tags; tags that name something else by now were left alone.
  case restored(Digest, manifests: [Digest], tags: [Tag], taken: [Tag])
  /// It was there already.
  case unchanged(Digest)
  /// It is not in the trash.
  case unknown
  /// The tag names this by now.
  case taken(Digest)
  /// The manifest that the tag named is gone.
  case gone(Digest)
}

/// How much was in the trash.
public struct TrashCount: Hashable, Sendable {
  /// Manifests.
  public let manifests: Int
  /// Deleted tags.
  public let tags: Int

  /// Takes both.
  public init(manifests: Int, tags: Int) {
    self.manifests = manifests
    self.tags = tags
  }
}
