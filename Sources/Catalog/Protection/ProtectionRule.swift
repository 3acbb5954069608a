public import OCI

/// What a rule says: which tags of which repositories are kept, and how.
public struct NewProtectionRule: Hashable, Sendable {
  /// What is kept.
  public enum Scope: String, CaseIterable, Sendable {
    /// A tag that is set: it is neither moved nor deleted.
    case tags
    /// What has or had such a tag, with all that it reaches, is not deleted; the tag itself may move.
    case digests
  }

  /// The name, which no other rule has.
  public let name: RuleName
  /// The repositories that it is for.
  public let repositories: RepositoryPattern
  /// The tags that it is for.
  public let tags: TagPatterns
  /// What is kept.
  public let protects: Scope

  /// Makes one of its parts.
  public init(name: RuleName, repositories: RepositoryPattern, tags: TagPatterns, protects: Scope = .tags) {
    self.name = name
    self.repositories = repositories
    self.tags = tags
    self.protects = protects
  }
}

/// A rule that is in force.
public struct ProtectionRule: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// What it says.
  public let rule: NewProtectionRule
  /// Since when it is in force.
  public let madeAt: Timestamp
  /// Who made it.
  public let madeBy: String

  /// Makes one of its parts.
  public init(id: Int64, rule: NewProtectionRule, madeAt: Timestamp, madeBy: String) {
    self.id = id
    self.rule = rule
    self.madeAt = madeAt
    self.madeBy = madeBy
  }

  /// The name.
  public var name: RuleName { rule.name }
  /// Whose administrators may take it away; nil where only those of the registry may.
  public var owner: AccountName? { rule.repositories.owner }
}
