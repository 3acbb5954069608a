public import Catalog
public import OCI

/// An upstream, and how it is mirrored.
public struct MirrorUpstream: Sendable {
  /// The registry, as names of images have it.
  public let host: RegistryHost
  /// What the names of its repositories begin with here.
  public let prefix: RepositoryName
  /// Whether names that no repository here has lead to it.
  public let isRoot: Bool
  /// Patterns of the repositories, by the names they have at the upstream, that may be mirrored; empty stands for all.
  public let repositories: [Glob]
  /// Who may see what is mirrored.
  public let visibility: Visibility
  /// How long the manifest of a tag is served before the upstream is asked whether the tag has moved.
  public let revalidateAfter: Duration
  /// The registry itself.
  public let upstream: any Upstream

  /// Makes one of its parts.
  public init(
    host: RegistryHost, prefix: RepositoryName, isRoot: Bool, repositories: [Glob], visibility: Visibility,
    revalidateAfter: Duration, upstream: any Upstream
  ) {
    self.host = host
    self.prefix = prefix
    self.isRoot = isRoot
    self.repositories = repositories
    self.visibility = visibility
    self.revalidateAfter = revalidateAfter
    self.upstream = upstream
  }

  /// Whether a repository, by the name it has at the upstream, may be mirrored.
  func mirrors(_ name: RepositoryName) -> Bool {
    repositories.isEmpty || repositories.contains { $0.matches(name.value) }
  }
}

/// A repository here, and the upstream's that it mirrors.
struct MirroredRepository: Sendable {
  let upstream: MirrorUpstream
  /// Its name here.
  let local: RepositoryName
  /// Its name at the upstream.
  let remote: RepositoryName
}
