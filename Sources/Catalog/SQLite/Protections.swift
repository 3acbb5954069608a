internal import GRDB
internal import OCI

/// What rules and holds keep of one repository, within one transaction.
///
/// Rules are few in each repository, and their patterns are no SQL's, so they are read by an index and matched here.
struct Protections {
  private let database: Database
  private let repository: Int64

  init(in repository: Int64, database: Database) {
    self.database = database
    self.repository = repository
  }

  /// Refuses a change by the first reason against it.
  func refuse(_ attempt: ProtectionRefusal.Attempt, for reasons: [ProtectionReason]) throws {
    guard let reason = reasons.first else { return }
    let name = try database.first("SELECT name FROM repository WHERE id = ?", [repository]) {
      try $0.repositoryName(at: 0)
    }
    guard let name else { throw CorruptColumn("a tag or a manifest without its repository") }
    throw ProtectionRefusal(repository: name, attempt: attempt, reason: reason)
  }

  /// Why tags, where they are set, stay where they are.
  func reasons(toKeep tags: [Tag]) throws -> [ProtectionReason] {
    let rules = try rules(protecting: .tags)
    return tags.flatMap { tag in
      rules.filter { $0.rule.tags.matches(tag) }.map { .tag(tag, $0) }
    }
  }

  /// Why manifests stay: they, or what lists them or what they refer to, at any depth, are held or have or had a tag.
  func reasons(toKeep digests: [Digest]) throws -> [ProtectionReason] {
    let holds = try reaching(
      digests,
      """
      SELECT \(Hold.columns)
      FROM reached
      JOIN hold h ON h.repository_id = ? AND h.digest = reached.digest
      JOIN repository r ON r.id = h.repository_id
      """
    ) { ProtectionReason.hold(try $0.hold()) }
    let rules = try rules(protecting: .digests)
    guard !rules.isEmpty else { return holds }
    let tags = try reaching(
      digests,
      """
      SELECT DISTINCT reached.digest, t.name
      FROM reached JOIN tag t ON t.repository_id = ? AND t.digest = reached.digest
      """
    ) { row in (digest: try row.digest(at: 0), tag: try row.tag(at: 1)) }
    return holds
      + tags.flatMap { digest, tag in
        rules.filter { $0.rule.tags.matches(tag) }.map { .digest(digest, tag, $0) }
      }
  }

  /// Why a manifest of the repository stays, whichever: what is kept of one is kept of all, where all are to go.
  func firstReasonToKeepAnyManifest() throws -> (digest: Digest, reason: ProtectionReason)? {
    let hold = try database.first(
      """
      SELECT \(Hold.columns) FROM hold h JOIN repository r ON r.id = h.repository_id WHERE h.repository_id = ? LIMIT 1
      """, [repository]
    ) { try $0.hold() }
    if let hold { return (hold.manifest.digest, .hold(hold)) }
    let rules = try rules(protecting: .digests)
    guard !rules.isEmpty else { return nil }
    let kept = try database.first(
      1,
      of:
        """
        SELECT t.digest, t.name
        FROM tag t JOIN manifest m
          ON m.repository_id = t.repository_id AND m.digest = t.digest AND m.unlinked_at IS NULL
        WHERE t.repository_id = ?
        """, [repository]
    ) { row in
      let (digest, tag) = (try row.digest(at: 0), try row.tag(at: 1))
      return rules.first { $0.rule.tags.matches(tag) }.map { (digest, ProtectionReason.digest(digest, tag, $0)) }
    }
    return kept.first
  }

  /// The rules that hold in the repository.
  func rules(protecting scope: NewProtectionRule.Scope) throws -> [ProtectionRule] {
    let rules = try database.all(
      """
      SELECT r.name, \(ProtectionRule.columns)
      FROM repository r JOIN protection_rule rule ON rule.owner IN \(Self.owners)
      WHERE r.id = ? AND rule.protects = ?
      """, [repository, scope.rawValue]
    ) { row in (repository: try row.repositoryName(at: 0), rule: try row.protectionRule(at: 1)) }
    return rules.filter { $0.rule.rule.repositories.matches($0.repository) }.map(\.rule)
      .sorted { $0.name.value < $1.name.value }
  }

  /// Whose rules hold in `r`, a row of `repository`: in a mirror those that name its owner alone.
  static let owners = "(r.owner, CASE WHEN r.mirrored_from IS NULL THEN '' ELSE r.owner END)"

  /// Reads from `reached`: manifests with the visible ones that list them, and those that they refer to.
  private func reaching<Element>(
    _ digests: [Digest], _ select: String, _ make: (Row) throws -> Element
  ) throws -> [Element] {
    var found: [Element] = []
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      found += try database.all(
        """
        WITH RECURSIVE reached (digest, subject_digest) AS (
          SELECT m.digest, m.subject_digest FROM manifest m WHERE m.repository_id = ? AND m.digest IN (\(marks))
          UNION
          SELECT up.digest, up.subject_digest
          FROM reached CROSS JOIN manifest up ON up.repository_id = ? AND up.unlinked_at IS NULL
            AND up.digest IN (
              SELECT reached.subject_digest
              UNION ALL
              SELECT parent.digest
              FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id
              WHERE e.repository_id = ? AND e.digest = reached.digest)
        )
        \(select)
        """, [repository] + StatementArguments(keys) + [repository, repository, repository], make)
    }
    return found
  }
}
