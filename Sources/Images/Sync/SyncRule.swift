public import OCI

/// What is to be the same in two places.
public struct SyncRule: Hashable, Sendable {
  /// Where images come from.
  public enum Source: Hashable, Sendable {
    /// One repository.
    case repository(RegistryHost, RepositoryName)
    /// Those repositories of a registry that one of the patterns fits, and none of those behind `excluding`.
    case registry(RegistryHost, including: [Glob], excluding: [Glob])
  }

  /// Where images go.
  public struct Target: Hashable, Sendable {
    /// The registry.
    public let host: RegistryHost
    /// The repository, or what the names of repositories begin with there; nil for the names that they have.
    public let path: RepositoryName?

    /// Takes both.
    public init(host: RegistryHost, path: RepositoryName?) {
      self.host = host
      self.path = path
    }

    /// Reads `registry.example.org` or `registry.example.org/path`.
    ///
    /// - Throws: `InvalidSyncRule` with what would be right.
    public init(parsing text: String) throws(InvalidSyncRule) {
      do {
        let slash = text.firstIndex(of: "/")
        host = try RegistryHost(parsing: text[..<(slash ?? text.endIndex)])
        path = try slash.map { try RepositoryName(parsing: text[text.index(after: $0)...]) }
      } catch {
        throw InvalidSyncRule("\(error)")
      }
    }
  }

  /// Where images come from.
  public var source: Source
  /// Where they go.
  public var target: Target
  /// Which tags are wanted.
  public var tags = TagSelection()
  /// The platforms that are wanted; empty for all.
  public var platforms: [Platform] = []
  /// Whether signatures, SBOMs and attestations come along.
  public var referrers = false
  /// Whether tags of the kind that is wanted go from the target that are not wanted, or not in the source any more.
  public var prunes = false

  /// Takes what has to be there.
  public init(from source: Source, to target: Target) {
    self.source = source
    self.target = target
  }

  /// What a repository of the source is called at the target.
  ///
  /// - Throws: `InvalidSyncRule` where the name gets too long.
  public func targetRepository(of name: RepositoryName) throws(InvalidSyncRule) -> RepositoryName {
    guard let path = target.path else { return name }
    if case .repository = source { return path }
    do {
      return try RepositoryName(parsing: "\(path)/\(name)")
    } catch {
      throw InvalidSyncRule("\(error)")
    }
  }
}

/// Why a rule cannot be followed.
public struct InvalidSyncRule: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
