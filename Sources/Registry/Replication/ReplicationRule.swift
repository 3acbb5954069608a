public import Catalog
public import OCI

/// What is to be the same at a target as it is here.
public struct ReplicationRule: Hashable, Sendable {
  /// Which tags are wanted.
  public struct Tags: Hashable, Sendable {
    /// Patterns, one of which has to fit; empty for any tag.
    public let including: [Glob]
    /// Patterns, none of which may fit.
    public let excluding: [Glob]

    /// Takes both.
    public init(including: [Glob] = [], excluding: [Glob] = []) {
      self.including = including
      self.excluding = excluding
    }

    /// Whether all tags are wanted.
    var isEverything: Bool { including.isEmpty && excluding.isEmpty }

    func contains(_ tag: Tag) -> Bool {
      (including.isEmpty || including.contains { $0.matches(tag.value) })
        && !excluding.contains { $0.matches(tag.value) }
    }
  }

  /// What it is called.
  public let name: ReplicationRuleName
  /// The target's name.
  public let target: String
  /// Patterns, one of which a repository's name has to fit.
  public let repositories: [Glob]
  /// Which tags are wanted.
  public let tags: Tags
  /// Patterns of the values that labels of an image must have.
  public let labels: [String: Glob]
  /// How repositories are called at the target.
  public let naming: TargetNaming
  /// Whether what was pushed is brought at once.
  public let onPush: Bool
  /// How often everything is compared; nil for only when somebody asks for it.
  public let schedule: Duration?
  /// Whether what is gone here goes at the target.
  public let deletes: Bool
  /// Whether signatures, SBOMs and the like go along.
  public let referrers: Bool

  /// Takes all of it.
  public init(
    name: ReplicationRuleName, target: String, repositories: [Glob], tags: Tags = Tags(), labels: [String: Glob] = [:],
    naming: TargetNaming = TargetNaming(), onPush: Bool = true, schedule: Duration? = nil, deletes: Bool = false,
    referrers: Bool = true
  ) {
    self.name = name
    self.target = target
    self.repositories = repositories
    self.tags = tags
    self.labels = labels
    self.naming = naming
    self.onPush = onPush
    self.schedule = schedule
    self.deletes = deletes
    self.referrers = referrers
  }

  /// Whether a repository is one of those that the rule is about.
  func covers(_ repository: RepositoryName) -> Bool {
    repositories.contains { $0.matches(repository.value) }
  }

  /// Whether a tag may be wanted, as far as the tag alone says.
  ///
  /// What is about another manifest is wanted with that, and lists of referrers are each registry's own.
  func covers(_ tag: Tag) -> Bool {
    guard let made = DigestTag(tag) else { return tags.contains(tag) }
    return referrers && !made.isList
  }
}

extension ReplicationRule {
  /// What a target may have to learn because of an event.
  func references(changedBy event: AuditEvent) -> [Reference] {
    guard event.outcome == .done, let name = event.repository, let repository = try? RepositoryName(parsing: name),
      covers(repository)
    else { return [] }
    switch event.action {
    case .tagMove: return wanted([event.subject])
    case .tagDelete: return deletes ? wanted([event.subject]) : []
    case .manifestPush: return wanted(referrer: event)
    case .manifestDelete:
      let tags = event.detail["tags"]?.split(separator: " ").map(String.init) ?? []
      return deletes ? wanted(tags) + wanted(referrer: event) : []
    default: return []
    }
  }

  private func wanted(_ tags: [String]) -> [Reference] {
    tags.compactMap { try? Tag(parsing: $0) }.filter { covers($0) }.map { .tag($0) }
  }

  private func wanted(referrer event: AuditEvent) -> [Reference] {
    guard referrers, event.detail["subject"] != nil, let digest = try? Digest(parsing: event.subject) else { return [] }
    return [.digest(digest)]
  }
}

/// How the repositories are called at a target that are to be the same there.
public struct TargetNaming: Hashable, Sendable {
  /// What names begin with there; nil for nothing more than here.
  public let prefix: RepositoryName?
  /// What a name has to begin with to get another beginning; nil for any name.
  public let from: RepositoryName?
  /// That other beginning; nil for none.
  public let to: RepositoryName?

  /// Takes all three; without them names stay as they are.
  public init(prefix: RepositoryName? = nil, from: RepositoryName? = nil, to: RepositoryName? = nil) {
    self.prefix = prefix
    self.from = from
    self.to = to
  }

  /// What a repository is called at the target.
  ///
  /// - Throws: `InvalidRepositoryName` where that is too long, or nothing is left.
  public func name(of repository: RepositoryName) throws(InvalidRepositoryName) -> RepositoryName {
    var parts = Self.parts(repository)[...]
    let from = Self.parts(from)
    if parts.starts(with: from) { parts = Self.parts(to) + parts.dropFirst(from.count) }
    return try RepositoryName(parsing: (Self.parts(prefix) + parts).joined(separator: "/"))
  }

  private static func parts(_ name: RepositoryName?) -> [Substring] { name?.value.split(separator: "/") ?? [] }
}
