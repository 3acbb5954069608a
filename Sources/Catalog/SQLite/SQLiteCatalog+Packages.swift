internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The packages of an owner that a filter and a rule of the caller's let through, in the order of their names' bytes.
  ///
  /// Which they are is read in one walk over the owner's repositories, because the rule is no SQL; what the page shows of
  /// them in another.
  public func packages(
    of owner: AccountName, _ filter: RepositoryFilter,
    where isListed: @escaping @Sendable (RepositoryName, Visibility) -> Bool, page: PageNumber
  ) async throws(CatalogError) -> NumberedPage<Package> {
    try await read(while: "listing the packages of \(owner)") { database in
      let (condition, arguments) = filter.condition
      let ids = try database.all(
        """
        SELECT r.id, r.name, \(Package.visibility) FROM repository r
        WHERE r.owner = ? AND r.name > ? \(condition)
          AND EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = r.id AND m.unlinked_at IS NULL)
        ORDER BY r.name
        """, [owner.value, owner.value] + arguments
      ) { row in isListed(try row.repositoryName(at: 1), try row.value(at: 2)) ? row[0] as Int64 : nil }
      .compactMap { $0 }
      return NumberedPage(
        try database.packages(ids.dropFirst(page.offset).prefix(page.size)), total: ids.count)
    }
  }

  /// A repository that holds a manifest, as a package.
  public func package(_ repository: RepositoryName) async throws(CatalogError) -> Package? {
    try await read(while: "reading the package \(repository)") { database in
      guard let id = try database.repository(repository) else { return nil }
      return try database.packages([id]).first
    }
  }

  /// A repository's manifests: those that are there by their ids, the newest first, and those in the trash by when that
  /// lets go of them, the last first.
  public func versions(
    of repository: RepositoryName, _ state: PackageVersion.State, page: PageNumber
  ) async throws(CatalogError) -> NumberedPage<PackageVersion> {
    try await read(while: "listing the versions of \(repository)") { database in
      guard let id = try database.repository(repository) else { return NumberedPage([], total: 0) }
      return try VersionReader(state, of: id, database).page(page)
    }
  }

  /// A manifest of a repository.
  public func version(
    _ id: Int64, of repository: RepositoryName, _ state: PackageVersion.State
  ) async throws(CatalogError) -> PackageVersion? {
    try await read(while: "reading the version \(id) of \(repository)") { database in
      guard let repository = try database.repository(repository) else { return nil }
      return try VersionReader(state, of: repository, database).version(id)
    }
  }
}

extension Package {
  /// Who may see the repository `r`.
  fileprivate static let visibility = """
    COALESCE(r.visibility, (SELECT a.default_visibility FROM account a WHERE a.name = r.owner), 'private')
    """
}

extension Database {
  /// Repositories that hold a manifest, by their rows, in the order of their names.
  ///
  /// The newest manifest is the one that was stored last, and the newest tag is read from an index that has nothing else:
  /// both, and the count, read no more than one index in proportion to what the repository holds.
  fileprivate func packages(_ repositories: some Collection<Int64>) throws -> [Package] {
    var packages: [Package] = []
    try ValueLists(repositories).forEach { marks, ids in
      packages += try all(
        """
        SELECT r.id, r.name, \(Package.visibility), r.created_at,
          (SELECT COUNT(*) FROM manifest m WHERE m.repository_id = r.id AND m.unlinked_at IS NULL),
          (SELECT m.pushed_at FROM manifest m
            WHERE m.repository_id = r.id AND m.unlinked_at IS NULL ORDER BY m.id DESC LIMIT 1),
          (SELECT MAX(t.began_at) FROM tag t WHERE t.repository_id = r.id)
        FROM repository r WHERE r.id IN (\(marks))
        """, StatementArguments(ids)
      ) { row in
        guard let pushedAt = row.timestamp(at: 5) else { return nil }
        return Package(
          id: row[0], repository: try row.repositoryName(at: 1), visibility: try row.value(at: 2),
          versionCount: row[4], createdAt: Timestamp(milliseconds: row[3]),
          updatedAt: max(pushedAt, row.timestamp(at: 6) ?? pushedAt))
      }
      .compactMap { $0 }
    }
    return packages.sorted { $0.repository.value.utf8.lexicographicallyPrecedes($1.repository.value.utf8) }
  }
}

/// Reads versions of one repository within one transaction.
private struct VersionReader {
  private let state: PackageVersion.State
  private let repository: Int64
  private let now: Timestamp
  private let database: Database

  init(_ state: PackageVersion.State, of repository: Int64, _ database: Database) {
    self.state = state
    self.repository = repository
    self.database = database
    now = .now
  }

  func page(_ page: PageNumber) throws -> NumberedPage<PackageVersion> {
    let (count, order) =
      switch state {
      case .active: ("SELECT COUNT(*) FROM manifest m WHERE", "m.id DESC")
      case .deleted: ("SELECT COUNT(*) FROM trashed d WHERE", "d.kept_until DESC, d.manifest_id DESC")
      }
    let total = try database.value("\(count) \(scope)", scopeArguments, as: Int.self) ?? 0
    guard page.offset < total else { return NumberedPage([], total: total) }
    return NumberedPage(
      try versions("ORDER BY \(order) LIMIT ? OFFSET ?", [page.size, page.offset]), total: total)
  }

  func version(_ id: Int64) throws -> PackageVersion? {
    try versions("AND m.id = ?", [id]).first
  }

  private func versions(_ part: String, _ arguments: StatementArguments) throws -> [PackageVersion] {
    let (deletedAt, source) =
      switch state {
      case .active: ("NULL", "manifest m")
      case .deleted: ("d.deleted_at", "trashed d JOIN manifest m ON m.id = d.manifest_id")
      }
    let found = try database.all(
      """
      SELECT m.id, m.digest, m.pushed_at, \(deletedAt),
        (SELECT MAX(COALESCE(t.ended_at, t.began_at)) FROM tag t
          WHERE t.repository_id = m.repository_id AND t.digest = m.digest),
        (SELECT p.downloads FROM manifest_pull p WHERE p.manifest_id = m.id)
      FROM \(source) WHERE \(scope) \(part)
      """, scopeArguments + arguments
    ) { row in
      (
        id: row[0] as Int64, digest: try row.digest(at: 1), pushedAt: Timestamp(milliseconds: row[2]),
        deletedAt: row.timestamp(at: 3), tagChangedAt: row.timestamp(at: 4), downloads: row[5] as Int64?
      )
    }
    let tags = try tags(of: found.map(\.digest))
    return found.map { version in
      PackageVersion(
        id: version.id, digest: version.digest,
        tags: tags[version.digest, default: []].filter { $0.endedAt == version.deletedAt }.map(\.tag),
        createdAt: version.pushedAt, updatedAt: max(version.pushedAt, version.tagChangedAt ?? version.pushedAt),
        deletedAt: version.deletedAt, downloads: version.downloads ?? 0)
    }
  }

  /// Which rows are meant: of `m` where they are there, of `d` where they are in the trash.
  private var scope: String {
    switch state {
    case .active: "m.repository_id = ? AND m.unlinked_at IS NULL"
    case .deleted: "d.repository_id = ? AND d.kept_until > ?"
    }
  }

  private var scopeArguments: StatementArguments {
    switch state {
    case .active: [repository]
    case .deleted: [repository, now.milliseconds]
    }
  }

  /// The tags that manifests have, or had until they were deleted and may get back, in order.
  private func tags(of digests: [Digest]) throws -> [Digest: [(tag: Tag, endedAt: Timestamp?)]] {
    var tags: [Digest: [(tag: Tag, endedAt: Timestamp?)]] = [:]
    let lasts =
      switch state {
      case .active: "ended_at IS NULL"
      case .deleted: "is_deleted = 1 AND kept_until > ?"
      }
    let moment: StatementArguments = state == .active ? [] : [now.milliseconds]
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      let found = try database.all(
        "SELECT digest, name, ended_at FROM tag WHERE repository_id = ? AND digest IN (\(marks)) AND \(lasts)",
        [repository] + StatementArguments(keys) + moment
      ) { row in (digest: try row.digest(at: 0), tag: try row.tag(at: 1), endedAt: row.timestamp(at: 2)) }
      for (digest, tag, endedAt) in found { tags[digest, default: []].append((tag, endedAt)) }
    }
    return tags.mapValues { $0.sorted { $0.tag.value < $1.tag.value } }
  }
}
