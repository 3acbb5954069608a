internal import GRDB
internal import OCI

/// Which manifests clean-up leaves alone, because they are held or a rule keeps them, within one transaction.
///
/// What these list, and what refers to them, is kept by them: clean-up takes nothing that something visible keeps.
struct KeptManifests {
  private let database: Database

  init(in database: Database) {
    self.database = database
  }

  /// Those of some manifests that are kept.
  func among(_ manifests: [Int64]) throws -> Set<Int64> {
    var kept: Set<Int64> = []
    try ValueLists(manifests).forEach { marks, ids in
      kept.formUnion(
        try database.all(
          """
          SELECT m.id FROM manifest m JOIN hold h ON h.repository_id = m.repository_id AND h.digest = m.digest
          WHERE m.id IN (\(marks))
          """, StatementArguments(ids)
        ) { $0[0] as Int64 })
      kept.formUnion(
        try byRules(
          """
          FROM manifest m
          CROSS JOIN repository r ON r.id = m.repository_id
          CROSS JOIN protection_rule rule ON rule.owner IN \(Protections.owners)
          CROSS JOIN tag t ON t.repository_id = m.repository_id AND t.digest = m.digest
          WHERE m.id IN (\(marks))
          """, StatementArguments(ids)))
    }
    return kept
  }

  /// Those that rules keep of all repositories, or of those of mirrors alone.
  func byRules(ofMirrorsAlone: Bool) throws -> Set<Int64> {
    try byRules(
      """
      FROM repository r
      CROSS JOIN protection_rule rule ON rule.owner IN \(Protections.owners)
      CROSS JOIN tag t ON t.repository_id = r.id
      CROSS JOIN manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest AND m.unlinked_at IS NULL
      \(ofMirrorsAlone ? "WHERE r.mirrored_from IS NOT NULL" : "")
      """)
  }

  /// Those of mirrors that are kept, with all that they reach.
  func ofMirrors() throws -> Set<Int64> {
    let held = try database.all(
      """
      SELECT m.id
      FROM repository r
      CROSS JOIN hold h ON h.repository_id = r.id
      CROSS JOIN manifest m ON m.repository_id = h.repository_id AND m.digest = h.digest
      WHERE r.mirrored_from IS NOT NULL
      """
    ) { $0[0] as Int64 }
    var kept: Set<Int64> = []
    try ValueLists(try byRules(ofMirrorsAlone: true).union(held)).forEach { marks, ids in
      kept.formUnion(
        try database.all(
          """
          WITH RECURSIVE kept (id, repository_id, digest) AS (
            SELECT m.id, m.repository_id, m.digest FROM manifest m WHERE m.id IN (\(marks))
            UNION
            SELECT down.id, down.repository_id, down.digest
            FROM kept CROSS JOIN manifest down ON down.id IN (
              SELECT referrer.id FROM manifest referrer
              WHERE referrer.repository_id = kept.repository_id AND referrer.subject_digest = kept.digest
              UNION ALL
              SELECT child.id
              FROM manifest_entry e
              JOIN manifest child ON child.repository_id = e.repository_id AND child.digest = e.digest
              WHERE e.manifest_id = kept.id)
          )
          SELECT id FROM kept
          """, StatementArguments(ids)
        ) { $0[0] as Int64 })
    }
    return kept
  }

  /// - Parameter source: joins `m`, `r`, `rule` and `t`: manifests, their repositories, rules, and the tags that they
  ///   have or had.
  private func byRules(_ source: String, _ arguments: StatementArguments = []) throws -> Set<Int64> {
    let kept = try database.all(
      "SELECT m.id, r.name, t.name, t.ended_at IS NULL, \(ProtectionRule.columns) \(source)", arguments
    ) { row -> Int64? in
      let rule = try row.protectionRule(at: 4).rule
      guard row[3] || rule.protects == .digests, rule.repositories.matches(try row.repositoryName(at: 1)),
        rule.tags.matches(try row.tag(at: 2))
      else { return nil }
      return row[0]
    }
    return Set(kept.compactMap { $0 })
  }
}
