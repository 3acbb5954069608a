public import OCI

/// What the collector asks of a catalogue: candidates wait in a queue, each since it was last touched, and are looked at
/// once that is longer ago than a grace time.
///
/// Each review is one transaction over at most `limit` candidates, those first that have waited longest. Pushes wait
/// while it runs, some 20 µs for each candidate. Called in the order in which they stand here, each until it looks at
/// nothing more, with one cutoff, they take all that had waited since before it.
public protocol CollectionCatalog: Sendable {
  /// Looks at hidden manifests that have waited since before `cutoff`, and purges those that were not pushed again.
  ///
  /// - Returns: how many were looked at, and how many went; none looked at means that the queue has no more.
  func reviewManifests(waitingSince cutoff: Timestamp, limit: Int) async throws(CatalogError) -> ReviewCount

  /// Hides manifests that have had no tag since before `cutoff`, that no index lists, and that refer to nothing that is
  /// there. They wait for their review from now on.
  ///
  /// - Returns: how many were looked at, and how many were hidden; what is kept is looked at once, and again when what
  ///   keeps it is gone.
  func hideUntaggedManifests(since cutoff: Timestamp, limit: Int) async throws(CatalogError) -> ReviewCount

  /// Looks at links of blobs to repositories, and purges those that no manifest of the repository, hidden or not, needs.
  func reviewLinks(waitingSince cutoff: Timestamp, limit: Int) async throws(CatalogError) -> ReviewCount

  /// Marks blobs that no repository has as being removed, and names them, with those that an earlier process marked and
  /// did not finish.
  ///
  /// From here to `forgetBlobs` such a blob can be neither linked nor mounted.
  func claimUnlinkedBlobs(limit: Int) async throws(CatalogError) -> [BlobRecord]

  /// Forgets blobs that were claimed, once their bytes are gone.
  func forgetBlobs(_ digests: [Digest]) async throws(CatalogError)

  /// Records bytes of which the catalogue knows nothing, so that they are reviewed, and collected where nobody wants them.
  func adoptBlob(_ digest: Digest, size: Int64) async throws(CatalogError)

  /// The uploads that began before the moment.
  func uploads(begunBefore cutoff: Timestamp, limit: Int) async throws(CatalogError) -> [UploadRecord]

  /// What a collection would take now, without taking it; where `untaggedSince` is given, with the untagged manifests
  /// that it would hide, as if they had waited by then.
  func collectable(
    waitingSince cutoff: Timestamp, untaggedSince: Timestamp?
  ) async throws(CatalogError) -> CollectionForecast
}

/// An upload as the catalogue knows it.
public struct UploadRecord: Hashable, Sendable {
  /// The upload's name.
  public let id: UploadID
  /// The repository that it is for.
  public let repository: RepositoryName

  /// Makes one of its parts.
  public init(id: UploadID, repository: RepositoryName) {
    self.id = id
    self.repository = repository
  }
}

/// How far a review has come.
public struct ReviewCount: Hashable, Sendable {
  /// How many candidates were looked at.
  public let reviewed: Int
  /// How many of them went.
  public let purged: Int

  /// Makes one of its parts.
  public init(reviewed: Int, purged: Int) {
    self.reviewed = reviewed
    self.purged = purged
  }
}

/// A digest within a repository.
public struct RepositoryDigest: Hashable, Sendable {
  /// The repository.
  public let repository: RepositoryName
  /// The digest.
  public let digest: Digest

  /// Makes one of its parts.
  public init(repository: RepositoryName, digest: Digest) {
    self.repository = repository
    self.digest = digest
  }
}

/// What a collection would take.
public struct CollectionForecast: Hashable, Sendable {
  /// Manifests whose rows would go.
  public let manifests: [RepositoryDigest]
  /// Blobs whose bytes would go.
  public let blobs: [BlobRecord]

  /// Makes one of its parts.
  public init(manifests: [RepositoryDigest], blobs: [BlobRecord]) {
    self.manifests = manifests
    self.blobs = blobs
  }
}
