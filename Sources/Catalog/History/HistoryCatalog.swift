public import OCI

/// What tags named and when, and the moves of tags that are no pushes.
public protocol HistoryCatalog: Sendable {
  /// A tag's lifetimes, the newest first, after one row.
  func lifetimes(
    of tag: Tag, in repository: RepositoryName, after row: Int64?, limit: Int
  ) async throws(CatalogError) -> [TagLifetime]

  /// What a tag named at a moment.
  func lifetime(
    of tag: Tag, in repository: RepositoryName, at moment: Timestamp
  ) async throws(CatalogError) -> TagAtMoment

  /// Has a tag name again what it named before; what is in the trash is restored with it.
  func rollBack(_ rollback: Rollback) async throws(CatalogError) -> RollbackOutcome

  /// Has tags name a manifest of the same or another repository: all of them, with all that belongs to the manifest, or
  /// none.
  func promote(_ promotion: Promotion) async throws(CatalogError) -> PromotionOutcome
}

/// What a tag is expected to name before it is moved.
public enum ExpectedDigest: Hashable, Sendable {
  case anything
  /// That there is no such tag.
  case nothing
  case digest(Digest)

  /// Whether it is what is expected that a tag names this, or that there is no such tag where it is nil.
  public func isMet(by digest: Digest?) -> Bool {
    switch self {
    case .anything: true
    case .nothing: digest == nil
    case .digest(let expected): digest == expected
    }
  }
}

/// That a tag is to name again what it named before.
public struct Rollback: Hashable, Sendable {
  /// What it is to name.
  public enum Target: Hashable, Sendable {
    /// What it named before it named what it does now.
    case previous
    /// A digest of its history.
    case digest(Digest)
    /// What it named then.
    case moment(Timestamp)
  }

  /// The tag's repository.
  public let repository: RepositoryName
  /// The tag.
  public let tag: Tag
  /// What it is to name.
  public let target: Target
  /// What it has to name before.
  public let expected: ExpectedDigest
  /// Who rolls back.
  public let actor: Author

  /// Makes one of its parts.
  public init(
    repository: RepositoryName, tag: Tag, to target: Target, expected: ExpectedDigest = .anything, by actor: Author
  ) {
    self.repository = repository
    self.tag = tag
    self.target = target
    self.expected = expected
    self.actor = actor
  }
}

/// What became of a rollback.
public enum RollbackOutcome: Hashable, Sendable {
  /// The tag was moved; `restored` are the manifests that were in the trash.
  case moved(from: Digest, to: Digest, restored: [Digest])
  /// It names that digest already.
  case unchanged(Digest)
  /// The tag is not what was expected.
  case unexpected(Digest?)
  /// There is no such tag now.
  case noTag
  /// It never named anything else.
  case noPrevious
  /// It never named that.
  case notInHistory(Digest)
  /// It named nothing then.
  case nothingThen(TagAtMoment)
  /// What it named is gone.
  case gone(Digest)
}

/// That tags are to name a manifest.
public struct Promotion: Hashable, Sendable {
  /// Where the manifest is.
  public let source: RepositoryName
  /// What names it there; it is looked up once.
  public let reference: Reference
  /// Where the tags are.
  public let repository: RepositoryName
  /// The tags.
  public let tags: [Tag]
  /// What each tag has to name before that does not name the manifest already.
  public let expected: ExpectedDigest
  /// Who promotes.
  public let actor: Author

  /// Makes one of its parts.
  public init(
    source: RepositoryName, reference: Reference, to repository: RepositoryName, tags: [Tag],
    expected: ExpectedDigest = .anything, by actor: Author
  ) {
    self.source = source
    self.reference = reference
    self.repository = repository
    self.tags = tags
    self.expected = expected
    self.actor = actor
  }
}

/// What a promotion did.
public struct PromotionResult: Hashable, Sendable {
  /// A tag that names the manifest now.
  public struct Move: Hashable, Sendable {
    /// The tag.
    public let tag: Tag
    /// What it named before, if it was there.
    public let from: Digest?

    /// Takes both.
    public init(tag: Tag, from: Digest?) {
      self.tag = tag
      self.from = from
    }
  }

  /// What was promoted.
  public let digest: Digest
  /// The tags, in the order of their bytes, with what they named before; those that named it already among them.
  public let moves: [Move]
  /// The manifests that the repository did not have: the promoted one, what it lists, and what refers to them.
  public let added: [Digest]
  /// Tags of signatures and attestations that came along.
  public let referrerTags: [Tag]

  /// Makes one of its parts.
  public init(digest: Digest, moves: [Move], added: [Digest], referrerTags: [Tag]) {
    self.digest = digest
    self.moves = moves
    self.added = added
    self.referrerTags = referrerTags
  }

  /// Whether anything is different now.
  public var isChange: Bool {
    !added.isEmpty || !referrerTags.isEmpty || moves.contains { $0.from != digest }
  }
}

/// What became of a promotion.
public enum PromotionOutcome: Hashable, Sendable {
  case promoted(PromotionResult)
  /// There is nothing of that name.
  case unknown
  /// A tag names this, which was not expected.
  case unexpected(Tag, Digest?)
  /// This belongs to it, and the source does not have it.
  case incomplete(Digest)
}
