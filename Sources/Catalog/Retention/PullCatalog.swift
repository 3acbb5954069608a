public import OCI

/// What a catalogue knows of pulls.
public protocol PullCatalog: Sendable {
  /// Records that manifests were pulled; of what is not there nothing is recorded. It need not survive power loss.
  func recordPulls(_ pulls: [ManifestPulls]) async throws(CatalogError)
}

/// That a manifest was pulled.
public struct ManifestPulls: Hashable, Sendable {
  /// The manifest.
  public let manifest: RepositoryDigest
  /// When it was pulled last.
  public let last: Timestamp
  /// How often it was downloaded since it was recorded before.
  public let downloads: Int64

  /// Takes each part.
  public init(manifest: RepositoryDigest, last: Timestamp, downloads: Int64) {
    self.manifest = manifest
    self.last = last
    self.downloads = downloads
  }
}
