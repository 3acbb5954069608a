internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Sets a quota in place of the one that a scope has, if any. What is there already stays, however much it is.
  public func setQuota(
    _ limit: Int64, of scope: QuotaScope, by actor: Author
  ) async throws(CatalogError) -> QuotaRecord {
    try await write(while: "setting the quota of \(scope)") { database in
      let change = Change(by: actor, in: scope.repository)
      let before = try database.value(
        "SELECT bytes FROM quota WHERE scope = ?", [scope.description], as: Int64.self)
      try database.run(
        """
        INSERT INTO quota (scope, bytes, set_at, set_by) VALUES (?, ?, ?, ?)
        ON CONFLICT (scope) DO UPDATE SET
          bytes = excluded.bytes, set_at = excluded.set_at, set_by = excluded.set_by, refused_at_bytes = NULL
        """, [scope.description, limit, change.now.milliseconds, actor.name])
      try database.record([
        change.event(.quotaSet, scope.description, ["limit": "\(limit)", "from": before.map { "\($0)" }])
      ])
      guard let record = try Self.quota(of: scope, in: database) else {
        throw CorruptColumn("no row for a quota that was set")
      }
      return record
    }
  }

  /// Takes a scope's quota away.
  ///
  /// - Returns: whether it had one.
  public func removeQuota(of scope: QuotaScope, by actor: Author) async throws(CatalogError) -> Bool {
    try await write(while: "removing the quota of \(scope)") { database in
      let limit = try database.value(
        "DELETE FROM quota WHERE scope = ? RETURNING bytes", [scope.description], as: Int64.self)
      guard let limit else { return false }
      try database.record([
        Change(by: actor, in: scope.repository).event(.quotaRemove, scope.description, ["from": "\(limit)"])
      ])
      return true
    }
  }

  /// A scope's quota, if it has one.
  public func quota(of scope: QuotaScope) async throws(CatalogError) -> QuotaRecord? {
    try await read(while: "reading the quota of \(scope)") { try Self.quota(of: scope, in: $0) }
  }

  private static func quota(of scope: QuotaScope, in database: Database) throws -> QuotaRecord? {
    try database.first("SELECT \(QuotaRecord.columns) FROM quota q WHERE q.scope = ?", [scope.description]) {
      try $0.quotaRecord()
    }
  }

  /// Quotas that a rule of the caller's lets through, in the order of their scopes' bytes, after one scope.
  public func quotas(
    where isListed: @escaping @Sendable (QuotaScope) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [QuotaRecord] {
    try await read(while: "listing quotas") { database in
      try database.first(
        limit, of: "SELECT \(QuotaRecord.columns) FROM quota q WHERE q.scope > ? ORDER BY q.scope", [after ?? ""]
      ) { row in
        let record = try row.quotaRecord()
        return isListed(record.quota.scope) ? record : nil
      }
    }
  }

  /// The quota that leaves least room in a repository, which need not be there yet; nil where none holds in it.
  public func tightestQuota(in repository: RepositoryName) async throws(CatalogError) -> Quota? {
    try await read(while: "reading the quotas of \(repository)") { database in
      try database.tightestQuota(in: repository)
    }
  }

  /// Records that something was refused for a quota, once until there is less than there was then.
  public func noteExceeded(
    _ scope: QuotaScope, in repository: RepositoryName, needed: Int64, by actor: Author
  ) async throws(CatalogError) {
    try await write(while: "recording that the quota of \(scope) was exceeded") { database in
      let noted = try database.first(
        """
        UPDATE quota SET refused_at_bytes = \(QuotaRecord.used("quota"))
        WHERE scope = ? AND refused_at_bytes IS NULL RETURNING bytes, refused_at_bytes
        """, [scope.description]
      ) { row in (limit: row[0] as Int64, used: row[1] as Int64) }
      guard let noted else { return }
      try database.record([
        AuditEvent(
          actor: actor, action: .quotaExceeded, outcome: .denied, repository: repository.value,
          subject: scope.description,
          detail: ["limit": "\(noted.limit)", "used": "\(noted.used)", "needed": "\(needed)"])
      ])
    }
  }
}

extension QuotaScope {
  /// The one repository that it is for, if it is.
  fileprivate var repository: RepositoryName? {
    if case .repository(let repository) = self { repository } else { nil }
  }
}

extension QuotaRecord {
  /// What `Row.quotaRecord` reads, of the table or alias `q`.
  fileprivate static let columns = "q.scope, q.bytes, \(used("q")), q.set_at, q.set_by"

  /// An expression for what there is in the scope of a row of `quota`, in bytes. A scope without a slash is an owner.
  fileprivate static func used(_ quota: String) -> String {
    """
    COALESCE(
      CASE WHEN \(quota).scope LIKE '%/%'
        THEN (SELECT r.bytes FROM repository r WHERE r.name = \(quota).scope)
        ELSE (SELECT u.bytes FROM owner_usage u WHERE u.owner = \(quota).scope) END, 0)
    """
  }
}

extension Row {
  /// The columns `QuotaRecord.columns`.
  fileprivate func quotaRecord() throws -> QuotaRecord {
    QuotaRecord(quota: try quota(), setAt: Timestamp(milliseconds: self[3]), setBy: self[4])
  }
}
