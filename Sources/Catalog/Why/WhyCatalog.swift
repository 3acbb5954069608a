public import OCI

/// What keeps things.
public protocol WhyCatalog: Sendable {
  /// Everything that keeps a manifest, be it in the trash; nil where the repository has none of that digest.
  ///
  /// It goes up from the manifest level by level, and ends where `KeptGraph.maximumCount` manifests are told.
  func keepers(ofManifest digest: Digest, in repository: RepositoryName) async throws(CatalogError) -> KeptGraph?

  /// What needs a blob of a repository; nil where the repository has none of that digest.
  ///
  /// - Parameters:
  ///   - filter: which other repositories may be counted.
  ///   - isListed: which of them the caller may see.
  func keepers(
    ofBlob digest: Digest, in repository: RepositoryName, _ filter: RepositoryFilter,
    where isListed: @escaping @Sendable (RepositoryName) -> Bool
  ) async throws(CatalogError) -> KeptBlob?
}

/// A manifest with all that keeps it, as it was at one moment.
public struct KeptGraph: Hashable, Sendable {
  /// How many manifests are told at the most.
  public static let maximumCount = 500
  /// How many tags, or indexes, of the manifests of one level are told at the most.
  public static let maximumReasons = 100

  /// The manifest, and behind it those that keep it, each once, the nearest first.
  public let manifests: [KeptManifest]
  /// Whether there is more than is told.
  public let hasMore: Bool
  /// Whether the repository mirrors another registry.
  public let isMirrored: Bool

  /// Makes one of its parts.
  public init(manifests: [KeptManifest], hasMore: Bool, isMirrored: Bool) {
    self.manifests = manifests
    self.hasMore = hasMore
    self.isMirrored = isMirrored
  }

  /// Whether something keeps the manifest: something that is about it alone, or another that is there.
  public var isKept: Bool { manifests.first.map { !$0.reasons.isEmpty || !$0.keepers.isEmpty } ?? false }
}

/// A manifest of a repository, and what keeps it at first hand.
public struct KeptManifest: Hashable, Sendable {
  /// What has become of it.
  public enum State: Hashable, Sendable {
    /// It can be pulled. `untaggedSince` says since when nothing that is known keeps it.
    case there(untaggedSince: Timestamp?)
    /// It was deleted, and can be restored for so long.
    case inTrash(keptUntil: Timestamp)
    /// It was deleted, cannot be restored any more, and waits for the collector since then.
    case waiting(since: Timestamp)
  }

  /// What is about a manifest alone.
  public enum Reason: Hashable, Sendable {
    /// A tag names it, which a rule may keep where it is.
    case tag(Tag, keptBy: ProtectionRule?)
    /// A tag named it before, and its history is kept for so long.
    case history(Tag, until: Timestamp)
    /// Somebody holds it, or a rule keeps it.
    case protection(ProtectionReason)
  }

  /// Another manifest that keeps it.
  public enum Keeper: Hashable, Sendable {
    /// An index that lists it.
    case index(Digest)
    /// What it refers to.
    case subject(Digest)
    /// What one of its tags is about, such as `sha256-….sig`.
    case about(Digest, Tag)

    /// The manifest that keeps.
    public var digest: Digest {
      switch self {
      case .index(let digest), .subject(let digest), .about(let digest, _): digest
      }
    }
  }

  /// Which one.
  public let digest: Digest
  /// What has become of it.
  public let state: State
  /// When it was pulled last.
  public let pulledAt: Timestamp?
  /// What is about it alone.
  public var reasons: [Reason]
  /// What else keeps it.
  public var keepers: [Keeper]

  /// Makes one of its parts.
  public init(
    digest: Digest, state: State, pulledAt: Timestamp? = nil, reasons: [Reason] = [], keepers: [Keeper] = []
  ) {
    self.digest = digest
    self.state = state
    self.pulledAt = pulledAt
    self.reasons = reasons
    self.keepers = keepers
  }
}

/// A blob of a repository, and what needs it.
public struct KeptBlob: Hashable, Sendable {
  /// How many other repositories are counted at the most.
  public static let maximumRepositories = 1000

  /// Its size, in bytes.
  public let size: Int64
  /// Manifests of the repository that need it, those that were deleted included, `KeptGraph.maximumReasons` at the most.
  public let manifests: [KeptManifest]
  /// Whether there are more of them.
  public let hasMore: Bool
  /// How many other repositories, of those that may be counted, have it.
  public let otherRepositories: Int
  /// Since when it waits to be looked at by the collector; nil where it does not.
  public let waitingSince: Timestamp?

  /// Makes one of its parts.
  public init(
    size: Int64, manifests: [KeptManifest], hasMore: Bool, otherRepositories: Int, waitingSince: Timestamp?
  ) {
    self.size = size
    self.manifests = manifests
    self.hasMore = hasMore
    self.otherRepositories = otherRepositories
    self.waitingSince = waitingSince
  }
}
