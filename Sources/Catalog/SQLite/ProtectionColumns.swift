internal import GRDB
internal import OCI

extension ProtectionRule {
  /// What `Row.protectionRule` reads, of the table or alias `rule`.
  static let columns = """
    rule.id, rule.name, rule.repositories, rule.tags, rule.protects, rule.made_at, rule.made_by
    """
  /// How many they are.
  static let columnCount = 7
}

extension Hold {
  /// What `Row.hold` reads, of the tables or aliases `h` and `r`, the hold and its repository.
  static let columns = "h.id, r.name, h.digest, h.reason, h.held_at, h.held_by"
}

extension Row {
  /// The columns `ProtectionRule.columns`, of which the first is at an index.
  func protectionRule(at index: Int = 0) throws -> ProtectionRule {
    let tags = (self[index + 3] as String).split(separator: " ").map(String.init)
    return ProtectionRule(
      id: self[index],
      rule: NewProtectionRule(
        name: try RuleName(parsing: self[index + 1] as String),
        repositories: try RepositoryPattern(parsing: self[index + 2] as String),
        tags: try TagPatterns(parsing: tags), protects: try value(at: index + 4)),
      madeAt: Timestamp(milliseconds: self[index + 5]), madeBy: self[index + 6])
  }

  /// The columns `Hold.columns`.
  func hold() throws -> Hold {
    Hold(
      id: self[0],
      manifest: RepositoryDigest(repository: try repositoryName(at: 1), digest: try digest(at: 2)),
      reason: try HoldReason(parsing: self[3]), heldAt: Timestamp(milliseconds: self[4]), heldBy: self[5])
  }
}
