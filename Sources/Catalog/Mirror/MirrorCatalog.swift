public import OCI

/// What a mirror asks of a catalogue: manifests whose blobs come when somebody asks for them.
public protocol MirrorCatalog: Sendable {
  /// The size, in bytes, that a mirrored manifest of the repository says of a blob that is not there, or whose bytes are
  /// lost; nil where no manifest waits for it.
  func wantedBlob(_ digest: Digest, in repository: RepositoryName) async throws(CatalogError) -> Int64?

  /// A repository of an upstream that has a blob.
  func mirroredBlob(_ digest: Digest, from host: RegistryHost) async throws(CatalogError) -> RepositoryName?

  /// Gives all repositories of an upstream a visibility.
  func setVisibility(_ visibility: Visibility, ofMirrorsOf host: RegistryHost) async throws(CatalogError)

  /// The sizes of all blobs that mirrored manifests need, each once, in bytes.
  func mirroredBytes() async throws(CatalogError) -> Int64

  /// Hides the mirrored manifests that were pulled least recently, those that an index of the repository lists left out,
  /// and ends their tags.
  ///
  /// - Parameters:
  ///   - cutoff: what was pulled at this moment or later stays.
  ///   - waitingSince: since when they count as waiting for review: longer ago than the grace time lets the next
  ///     collection take them.
  /// - Returns: how many were hidden.
  func evictMirrored(
    pulledBefore cutoff: Timestamp, waitingSince: Timestamp, limit: Int
  ) async throws(CatalogError) -> Int
}

/// Where a mirrored manifest was fetched.
public struct MirrorOrigin: Hashable, Sendable {
  /// The upstream.
  public let host: RegistryHost
  /// Who may see what is mirrored.
  public let visibility: Visibility

  /// Takes both.
  public init(host: RegistryHost, visibility: Visibility) {
    self.host = host
    self.visibility = visibility
  }
}
