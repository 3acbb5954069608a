internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Hides all manifests of a repository and ends their tags, or nothing; the repository and its id stay.
  ///
  /// - Returns: whether it held any.
  public func deletePackage(
    _ repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "deleting the package \(repository)") { database in
      guard let id = try database.repository(repository) else { return false }
      return try PackageTransaction(id, Change(by: actor, in: repository), database).delete()
    }
  }

  /// Shows again what was last deleted together in a repository that holds nothing, with the tags that it had.
  public func restorePackage(
    _ repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> PackageRestoration {
    try await write(while: "restoring the package \(repository)") { database in
      guard let id = try database.repository(repository) else { return .unknown }
      return try PackageTransaction(id, Change(by: actor, in: repository), database).restore()
    }
  }

  /// Hides a manifest and ends its tags, unless no other manifest of its repository has a tag then.
  public func deleteVersion(
    _ id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> VersionDeletion {
    try await write(while: "deleting the version \(id) of \(repository)") { database in
      guard let found = try database.version(id, of: repository) else { return .unknown }
      if try database.isLastTagged(found.digest, in: found.repository) { return .lastTagged }
      switch try database.deleteManifest(found.digest, in: repository, Change(by: actor, in: repository)) {
      case .deleted: return .deleted(found.digest)
      case .unknown: return .unknown
      case .needed(by: let index): return .needed(by: index)
      }
    }
  }

  /// Ends a tag where it names a manifest; the manifest and its other tags stay.
  ///
  /// - Returns: whether it was there and named that.
  public func deleteTag(
    _ tag: Tag, ofVersion id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "deleting the tag \(tag) of \(repository)") { database in
      let change = Change(by: actor, in: repository)
      guard let found = try database.version(id, of: repository),
        try database.digests(of: [tag], in: found.repository)[tag] == found.digest
      else { return false }
      _ = try TagLifetimes(in: found.repository, database: database, change: change).end(tag)
      try database.record([change.event(.tagDelete, tag.value, ["digest": found.digest.description])])
      return true
    }
  }
}

extension Database {
  fileprivate func version(
    _ id: Int64, of repository: RepositoryName
  ) throws -> (repository: Int64, digest: Digest)? {
    try first(
      """
      SELECT r.id, m.digest FROM manifest m JOIN repository r ON r.id = m.repository_id
      WHERE m.id = ? AND r.name = ? AND m.unlinked_at IS NULL
      """, [id, repository.value]
    ) { row in (row[0], try row.digest(at: 1)) }
  }

  /// Whether a manifest has tags, and nothing else in the repository has any.
  fileprivate func isLastTagged(_ digest: Digest, in repository: Int64) throws -> Bool {
    try value(
      """
      SELECT EXISTS (SELECT 1 FROM tag WHERE repository_id = ? AND digest = ? AND ended_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM tag WHERE repository_id = ? AND digest <> ? AND ended_at IS NULL)
      """, [repository, digest.key, repository, digest.key], as: Bool.self) ?? false
  }
}

/// Deletes or restores all that one repository holds, within one transaction, so that nobody sees half of it.
///
/// What is deleted together has one moment, by which it is found again.
private struct PackageTransaction {
  private let repository: Int64
  private let change: Change
  private let database: Database
  private let visibility: ManifestVisibility

  init(_ repository: Int64, _ change: Change, _ database: Database) {
    self.repository = repository
    self.change = change
    self.database = database
    visibility = ManifestVisibility(database: database, now: change.now)
  }

  func delete() throws -> Bool {
    let manifests = try database.all(
      "SELECT id, digest, subject_digest FROM manifest WHERE repository_id = ? AND unlinked_at IS NULL", [repository]
    ) { row in
      (
        id: row[0] as Int64, digest: try row.digest(at: 1),
        subject: row.hasNull(atIndex: 2) ? nil : try row.digest(at: 2)
      )
    }
    guard !manifests.isEmpty else { return false }
    let tags = Dictionary(
      grouping: try TagLifetimes(in: repository, database: database, change: change).endAll(), by: \.digest)
    try visibility.trash(manifests.map(\.id), by: change.actor.name)
    try visibility.hide(manifests.map(\.id))
    try database.record(
      manifests.map { manifest in
        let names = tags[manifest.digest]?.map(\.name).sorted().joined(separator: " ")
        return change.event(
          .manifestDelete, manifest.digest.description,
          ["subject": manifest.subject?.description, "tags": names, "reason": "package"])
      })
    return true
  }

  func restore() throws -> PackageRestoration {
    let isInUse = try database.value(
      "SELECT EXISTS (SELECT 1 FROM manifest WHERE repository_id = ? AND unlinked_at IS NULL)", [repository],
      as: Bool.self)
    if isInUse == true { return .inUse }
    let now = change.now.milliseconds
    let moment = try database.value(
      "SELECT MAX(deleted_at) FROM trashed WHERE repository_id = ? AND kept_until > ?", [repository, now],
      as: Int64.self)
    guard let moment else { return .unknown }
    let manifests = try database.all(
      "SELECT manifest_id FROM trashed WHERE repository_id = ? AND kept_until > ? AND deleted_at = ?",
      [repository, now, moment]
    ) { $0[0] as Int64 }
    let lifetimes = try database.all(
      "SELECT id FROM tag WHERE repository_id = ? AND kept_until > ? AND is_deleted = 1 AND ended_at = ?",
      [repository, now, moment]
    ) { $0[0] as Int64 }
    try visibility.show(manifests)
    let moves = try TagRestoration(in: repository, database: database, change: change).set(lifetimes: lifetimes)
    let restored = try database.digests(of: manifests).map { digest in
      change.event(.manifestRestore, digest.description, ["reason": "package"])
    }
    try database.record(restored + moves)
    return .restored
  }
}
