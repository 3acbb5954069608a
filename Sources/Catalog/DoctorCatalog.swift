public import OCI

/// What the doctor asks of a catalogue.
public protocol DoctorCatalog: Sendable {
  /// The blobs that are not being removed, in the order of their digests' bytes, after one digest.
  func blobs(after: Digest?, limit: Int) async throws(CatalogError) -> [BlobRecord]

  /// Whether the catalogue knows a blob, in whatever state.
  func knowsBlob(_ digest: Digest) async throws(CatalogError) -> Bool

  /// Records that a blob's bytes are lost, so that clients are told to push it again, or that they are back.
  func setBlob(_ digest: Digest, isMissing: Bool) async throws(CatalogError)

  /// The manifests of all repositories that are not hidden, in the order they were first pushed, after one row.
  func manifests(after row: Int64?, limit: Int) async throws(CatalogError) -> [ManifestRow]

  /// The faults that the catalogue finds in itself: what the database's own check says, tags without a manifest,
  /// manifests that need a blob which their repository does not have, or wait for one that it has, and members and tokens
  /// of the wrong accounts.
  func inconsistencies() async throws(CatalogError) -> [String]

  /// The repositories and owners of which other bytes are counted than there are, at most a hundred of each sort.
  func usageFaults() async throws(CatalogError) -> [UsageFault]

  /// Counts anew what each repository and each owner has.
  func recountUsage() async throws(CatalogError)
}

/// A manifest with its place in the order of pushes.
public struct ManifestRow: Sendable {
  /// Grows with each push.
  public let row: Int64
  /// The repository that has it.
  public let repository: RepositoryName
  /// The manifest.
  public let manifest: StoredManifest

  /// Makes one of its parts.
  public init(row: Int64, repository: RepositoryName, manifest: StoredManifest) {
    self.row = row
    self.repository = repository
    self.manifest = manifest
  }
}
