internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Puts a rule in force, for what is there already, too.
  ///
  /// - Returns: nil where there is a rule of that name.
  public func addRule(
    _ new: NewProtectionRule, by actor: Author
  ) async throws(CatalogError) -> ProtectionRule? {
    try await write(while: "making the rule \(new.name)") { database in
      let change = Change(by: actor)
      let id = try database.value(
        """
        INSERT INTO protection_rule (name, owner, repositories, tags, protects, made_at, made_by)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING id
        """,
        [
          new.name.value, new.repositories.owner?.value ?? "", new.repositories.description, new.tags.description,
          new.protects.rawValue, change.now.milliseconds, actor.name,
        ], as: Int64.self)
      guard let id else { return nil }
      try database.record([change.event(.ruleAdd, new.name.value, new.detail)])
      return ProtectionRule(id: id, rule: new, madeAt: change.now, madeBy: actor.name)
    }
  }

  /// Takes a rule away.
  ///
  /// - Returns: whether it was still there.
  public func removeRule(_ rule: ProtectionRule, by actor: Author) async throws(CatalogError) -> Bool {
    try await write(while: "taking away the rule \(rule.name)") { database in
      guard try database.run("DELETE FROM protection_rule WHERE id = ?", [rule.id]) > 0 else { return false }
      try database.record([Change(by: actor).event(.ruleRemove, rule.name.value, rule.rule.detail)])
      return true
    }
  }

  /// The rule of a name.
  public func rule(_ name: RuleName) async throws(CatalogError) -> ProtectionRule? {
    try await read(while: "looking for the rule \(name)") { database in
      try database.first(
        "SELECT \(ProtectionRule.columns) FROM protection_rule rule WHERE rule.name = ?", [name.value]
      ) { try $0.protectionRule() }
    }
  }

  /// Rules that a rule of the caller's lets through, in the order of their names' bytes, after one name.
  public func rules(
    where isListed: @escaping @Sendable (ProtectionRule) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [ProtectionRule] {
    try await read(while: "listing the rules") { database in
      try database.first(
        limit,
        of: "SELECT \(ProtectionRule.columns) FROM protection_rule rule WHERE rule.name > ? ORDER BY rule.name",
        [after ?? ""]
      ) { row in
        let rule = try row.protectionRule()
        return isListed(rule) ? rule : nil
      }
    }
  }

  /// The rules that hold in a repository, whether there is one of that name or not, in the order of their names' bytes.
  public func rules(in repository: RepositoryName) async throws(CatalogError) -> [ProtectionRule] {
    let rules = try await read(while: "listing the rules of \(repository)") { database in
      let owner = AccountName(ownerOf: repository).value
      return try database.all(
        """
        SELECT \(ProtectionRule.columns) FROM protection_rule rule
        WHERE rule.owner IN (
          ?, COALESCE((SELECT ? FROM repository r WHERE r.name = ? AND r.mirrored_from IS NOT NULL), ''))
        """, [owner, owner, repository.value]
      ) { try $0.protectionRule() }
    }
    return rules.filter { $0.rule.repositories.matches(repository) }.sorted { $0.name.value < $1.name.value }
  }

  /// Everything that keeps what a reference names.
  public func protection(
    of reference: Reference, in repository: RepositoryName
  ) async throws(CatalogError) -> Protection {
    let rules = try await rules(in: repository)
    return try await read(while: "looking for what keeps \(reference) of \(repository)") { database in
      let found = try database.visibleManifest(reference, in: repository)
      guard let found else {
        guard case .tag(let tag) = reference else { return Protection(digest: nil, reasons: []) }
        let reasons = rules.filter { $0.rule.protects == .tags && $0.rule.tags.matches(tag) }
          .map { ProtectionReason.tag(tag, $0) }
        return Protection(digest: nil, reasons: reasons)
      }
      let tags: [Tag] =
        switch reference {
        case .tag(let tag): [tag]
        case .digest(let digest):
          try database.all(
            "SELECT name FROM tag WHERE repository_id = ? AND digest = ? AND ended_at IS NULL",
            [found.repository, digest.key]
          ) { try $0.tag(at: 0) }
        }
      let protections = Protections(in: found.repository, database: database)
      return Protection(
        digest: found.digest,
        reasons: try protections.reasons(toKeep: tags) + protections.reasons(toKeep: [found.digest]))
    }
  }
}

extension NewProtectionRule {
  /// What the audit trail tells.
  fileprivate var detail: [String: String?] {
    ["repositories": repositories.description, "tags": tags.description, "protects": protects.rawValue]
  }
}
