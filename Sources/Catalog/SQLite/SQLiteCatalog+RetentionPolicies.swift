internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Puts a policy in the place of the one that a scope has, if any.
  public func setRetentionPolicy(
    _ text: String, for scope: RepositoryScope, by actor: Author
  ) async throws(CatalogError) -> RetentionPolicyRecord {
    try await write(while: "setting the retention policy of \(scope)") { database in
      let change = Change(by: actor, in: scope.repository)
      try database.run(
        """
        INSERT INTO retention_policy (scope, policy, set_at, set_by) VALUES (?, ?, ?, ?)
        ON CONFLICT (scope) DO UPDATE SET
          policy = excluded.policy, set_at = excluded.set_at, set_by = excluded.set_by
        """, [scope.description, text, change.now.milliseconds, actor.name])
      try database.record([change.event(.retentionPolicy, scope.description, ["policy": text])])
      return RetentionPolicyRecord(scope: scope, text: text, setAt: change.now, setBy: actor.name)
    }
  }

  /// Takes a scope's policy away.
  ///
  /// - Returns: whether it had one.
  public func removeRetentionPolicy(
    of scope: RepositoryScope, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "removing the retention policy of \(scope)") { database in
      let removed = try database.run("DELETE FROM retention_policy WHERE scope = ?", [scope.description])
      guard removed > 0 else { return false }
      try database.record([Change(by: actor, in: scope.repository).event(.retentionPolicy, scope.description)])
      return true
    }
  }

  /// The policies of some scopes, in no order.
  public func retentionPolicies(
    of scopes: [RepositoryScope]
  ) async throws(CatalogError) -> [RetentionPolicyRecord] {
    try await read(while: "reading retention policies") { database in
      var policies: [String: RetentionPolicyRecord] = [:]
      try ValueLists(scopes.map(\.description)).forEach { marks, scopes in
        let found = try database.all(
          "SELECT scope, policy, set_at, set_by FROM retention_policy WHERE scope IN (\(marks))",
          StatementArguments(scopes)
        ) { try $0.retentionPolicy() }
        for policy in found { policies[policy.scope.description] = policy }
      }
      return Array(policies.values)
    }
  }

  /// Policies that a rule of the caller's lets through, in the order of their scopes' bytes, after one scope.
  public func retentionPolicies(
    where isListed: @escaping @Sendable (RepositoryScope) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [RetentionPolicyRecord] {
    try await read(while: "listing retention policies") { database in
      try database.first(
        limit,
        of: "SELECT scope, policy, set_at, set_by FROM retention_policy WHERE scope > ? ORDER BY scope", [after ?? ""]
      ) { row in
        let policy = try row.retentionPolicy()
        return isListed(policy.scope) ? policy : nil
      }
    }
  }

  /// The repositories of a scope, in the order of their names' bytes, after one name; those that mirror another registry
  /// are left out, because what they hold follows their upstream.
  public func repositories(
    in scope: RepositoryScope, after: String?, limit: Int
  ) async throws(CatalogError) -> [RepositoryName] {
    let (condition, arguments): (String, StatementArguments) =
      switch scope {
      case .registry: ("", [])
      case .owner(let owner): ("owner = ? AND", [owner.value])
      case .repository(let repository): ("name = ? AND", [repository.value])
      }
    return try await read(while: "listing the repositories of \(scope)") { database in
      try database.all(
        "SELECT name FROM repository WHERE \(condition) name > ? AND mirrored_from IS NULL ORDER BY name LIMIT ?",
        arguments + [after ?? "", limit]
      ) { try $0.repositoryName(at: 0) }
    }
  }
}

extension RepositoryScope {
  /// The repository that it names, if it names one.
  var repository: RepositoryName? {
    if case .repository(let repository) = self { repository } else { nil }
  }
}

extension Row {
  /// The columns `scope, policy, set_at, set_by`.
  fileprivate func retentionPolicy() throws -> RetentionPolicyRecord {
    RetentionPolicyRecord(
      scope: try RepositoryScope(parsing: self[0] as String), text: self[1], setAt: Timestamp(milliseconds: self[2]),
      setBy: self[3])
  }
}
