public import OCI

/// A manifest on its way in.
public struct ManifestPush: Sendable {
  /// Where it goes.
  public let repository: RepositoryName
  /// The manifest.
  public let manifest: Manifest
  /// The digest of its bytes.
  public let digest: Digest
  /// The tags that are to name it.
  public let tags: [Tag]
  /// Whether entries of an index may be missing.
  public let allowsSparseIndex: Bool
  /// Where it was fetched; nil where a client pushed it.
  ///
  /// What a fetched manifest needs may be missing: it is fetched when somebody asks for it.
  public let origin: MirrorOrigin?
  /// Who pushes, as the history and the audit trail tell it.
  public let actor: Author

  /// Makes one of its parts.
  public init(
    repository: RepositoryName, manifest: Manifest, digest: Digest, tags: [Tag], allowsSparseIndex: Bool,
    origin: MirrorOrigin? = nil, actor: Author
  ) {
    self.repository = repository
    self.manifest = manifest
    self.digest = digest
    self.tags = tags
    self.allowsSparseIndex = allowsSparseIndex
    self.origin = origin
    self.actor = actor
  }
}

/// What became of a manifest's push.
public enum ManifestCommit: Hashable, Sendable {
  case stored
  /// Nothing was stored, because the repository does not have these.
  case missing([Digest])
}
