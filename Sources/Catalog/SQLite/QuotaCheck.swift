internal import GRDB
internal import OCI

/// The quotas that hold in a repository, within one transaction that adds to it.
///
/// There is one writer, so what was there when the transaction began is what it adds to.
struct QuotaCheck {
  private let database: Database
  private let repository: RepositoryName
  private let before: [Quota]

  /// Looks at what there is, before anything is added.
  init(in repository: RepositoryName, _ database: Database) throws {
    self.database = database
    self.repository = repository
    before = try database.quotas(in: repository)
  }

  /// Refuses what would have more there than before, and more than a quota allows.
  func finish() throws {
    guard !before.isEmpty else { return }
    let used = Dictionary(
      try database.quotas(in: repository).map { ($0.scope, $0.used) }, uniquingKeysWith: { first, _ in first })
    for quota in before {
      let now = used[quota.scope] ?? quota.used
      if now > quota.used, now > quota.limit {
        throw QuotaRefusal(repository: repository, quota: quota, needed: now - quota.used)
      }
    }
  }

  /// Refuses to begin what can only add, where there is no room at all.
  func requireRoom() throws {
    if let full = before.first(where: { $0.room == 0 }) {
      throw QuotaRefusal(repository: repository, quota: full, needed: 1)
    }
  }
}

extension Database {
  /// The quotas that hold in a repository, which need not be there yet, in no order; what is mirrored has none.
  func quotas(in repository: RepositoryName) throws -> [Quota] {
    let owner = AccountName(ownerOf: repository).value
    return try all(
      """
      SELECT q.scope, q.bytes, COALESCE(
        CASE WHEN q.scope = ?
          THEN (SELECT u.bytes FROM owner_usage u WHERE u.owner = q.scope)
          ELSE (SELECT r.bytes FROM repository r WHERE r.name = q.scope) END, 0)
      FROM quota q
      WHERE q.scope IN (?, ?)
        AND NOT EXISTS (SELECT 1 FROM repository m WHERE m.name = ? AND m.mirrored_from IS NOT NULL)
      """, [owner, owner, repository.value, repository.value]
    ) { try $0.quota() }
  }
}

extension Database {
  /// The quota that leaves least room in a repository; nil where none holds in it.
  func tightestQuota(in repository: RepositoryName) throws -> Quota? {
    try quotas(in: repository).min { $0.room < $1.room }
  }
}

extension Row {
  /// Columns `scope`, `limit`, `used`.
  func quota() throws -> Quota {
    Quota(scope: try QuotaScope(parsing: self[0] as String), limit: self[1], used: self[2])
  }
}
