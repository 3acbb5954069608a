internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Manifests in the trash, of one repository or all, what goes first at the front, after one.
  public func trashedManifests(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(CatalogError) -> [TrashedManifest] {
    try await read(while: "listing the manifests in the trash") { database in
      guard let scope = try TrashScope(repository, after: place, in: database) else { return [] }
      return try database.all(
        """
        SELECT t.kept_until, t.manifest_id, r.name, m.digest, m.media_type, t.deleted_at, t.deleted_by,
          (SELECT COALESCE(SUM(b.size), 0)
            FROM manifest_blob n JOIN blob b ON b.id = n.blob_id
            WHERE n.manifest_id = m.id AND \(Self.isKeptByTrashAlone))
        FROM trashed t JOIN manifest m ON m.id = t.manifest_id JOIN repository r ON r.id = t.repository_id
        WHERE \(scope.condition) AND (t.kept_until, t.manifest_id) > (?, ?)
        ORDER BY t.kept_until, t.manifest_id LIMIT ?
        """, scope.arguments + [limit]
      ) { row in
        TrashedManifest(
          manifest: RepositoryDigest(repository: try row.repositoryName(at: 2), digest: try row.digest(at: 3)),
          mediaType: try row.mediaType(at: 4), deletedAt: Timestamp(milliseconds: row[5]), deletedBy: row[6],
          place: TrashPlace(keptUntil: Timestamp(milliseconds: row[0]), row: row[1]), bytes: row[7])
      }
    }
  }

  /// Deleted tags that can be restored and were not set again, of one repository or all, what goes first at the front,
  /// after one.
  ///
  /// What a mirror's upstream deleted is not among them: only the upstream can restore it.
  public func trashedTags(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(CatalogError) -> [TrashedTag] {
    try await read(while: "listing the deleted tags") { database in
      guard let scope = try TrashScope(repository, after: place, in: database) else { return [] }
      return try database.all(
        """
        SELECT t.kept_until, t.id, r.name, t.digest, t.name, t.ended_at, t.ended_by
        FROM tag t JOIN repository r ON r.id = t.repository_id AND r.mirrored_from IS NULL
        WHERE \(scope.condition) AND (t.kept_until, t.id) > (?, ?) AND t.is_deleted = 1 AND t.kept_until IS NOT NULL
          AND \(TrashedTag.isLast("t"))
        ORDER BY t.kept_until, t.id LIMIT ?
        """, scope.arguments + [limit]
      ) { row in
        TrashedTag(
          tag: try row.tag(at: 4),
          manifest: RepositoryDigest(repository: try row.repositoryName(at: 2), digest: try row.digest(at: 3)),
          deletedAt: Timestamp(milliseconds: row[5]), deletedBy: row[6],
          place: TrashPlace(keptUntil: Timestamp(milliseconds: row[0]), row: row[1]))
      }
    }
  }

  /// Ends the window of all that is in the trash of one repository or all; the next collection goes on with it.
  ///
  /// - Returns: how many manifests and tags there were.
  public func emptyTrash(
    of repository: RepositoryName?, by actor: Author
  ) async throws(CatalogError) -> TrashCount {
    try await write(while: "emptying the trash") { database in
      let change = Change(by: actor, in: repository)
      var (condition, arguments): (String, StatementArguments) = ("true", [])
      if let repository {
        guard let id = try database.repository(repository) else { return TrashCount(manifests: 0, tags: 0) }
        (condition, arguments) = ("repository_id = ?", [id])
      }
      let count = try database.emptyTrash(where: condition, arguments, at: change.now)
      if count.manifests + count.tags > 0 {
        try database.record([
          change.event(
            .trashEmpty, repository?.value ?? "all repositories",
            ["manifests": "\(count.manifests)", "tags": "\(count.tags)"])
        ])
      }
      return count
    }
  }

  /// Has what was in the trash until before a moment wait for its review from now on.
  public func releaseTrash(
    keptUntil moment: Timestamp, limit: Int
  ) async throws(CatalogError) -> ReviewCount {
    try await write(while: "letting go of what was in the trash") { database in
      let manifests = try database.all(
        "SELECT manifest_id FROM trashed WHERE kept_until <= ? ORDER BY kept_until, manifest_id LIMIT ?",
        [moment.milliseconds, limit]
      ) { $0[0] as Int64 }
      try ManifestVisibility(database: database, now: .now).release(manifests)
      let lifetimes = try database.run(
        """
        UPDATE tag SET kept_until = NULL
        WHERE id IN (SELECT id FROM tag WHERE kept_until <= ? ORDER BY kept_until, id LIMIT ?)
        """, [moment.milliseconds, limit])
      return ReviewCount(reviewed: manifests.count + lifetimes, purged: manifests.count)
    }
  }

  /// The sizes of all blobs that the trash alone keeps, in bytes. It reads all that is known of what is in the trash.
  public func trashBytes() async throws(CatalogError) -> Int64 {
    let bytes = try await read(while: "adding up what is in the trash") { database in
      try database.value(
        """
        SELECT SUM(b.size) FROM blob b
        WHERE b.id IN (
            SELECT n.blob_id FROM trashed CROSS JOIN manifest_blob n ON n.manifest_id = trashed.manifest_id)
          AND \(Self.isKeptByTrashAlone)
        """, as: Int64.self)
    }
    return bytes ?? 0
  }

  /// That the blob `b`, which something in the trash needs, has bytes, and that nothing visible needs it.
  private static let isKeptByTrashAlone = """
    b.state = 0
      AND NOT EXISTS (
        SELECT 1
        FROM blob_link l
        JOIN manifest_blob other ON other.repository_id = l.repository_id AND other.blob_id = l.blob_id
        JOIN manifest holder ON holder.id = other.manifest_id AND holder.unlinked_at IS NULL
        WHERE l.blob_id = b.id)
    """
}

extension TrashedTag {
  /// That the lifetime is its tag's last one: a deleted tag that was set again is not in the trash.
  fileprivate static func isLast(_ tag: String) -> String {
    """
    NOT EXISTS (
      SELECT 1 FROM tag later
      WHERE later.repository_id = \(tag).repository_id AND later.name = \(tag).name
        AND later.began_at >= \(tag).ended_at AND later.id > \(tag).id)
    """
  }
}

extension Database {
  /// Ends the window of what is in the trash of repositories whose `repository_id` fulfils a condition.
  func emptyTrash(
    where condition: String, _ arguments: StatementArguments, at now: Timestamp
  ) throws -> TrashCount {
    let now = now.milliseconds
    let manifests = try run(
      "UPDATE trashed SET kept_until = ? WHERE \(condition) AND kept_until > ?", [now] + arguments + [now])
    let tags = try run(
      """
      UPDATE tag SET kept_until = NULL
      WHERE \(condition) AND is_deleted = 1 AND kept_until > ? AND \(TrashedTag.isLast("tag"))
      """, arguments + [now])
    return TrashCount(manifests: manifests, tags: tags)
  }
}

/// Which part of the trash is listed: what `t`, a row of it, has to fulfil, and behind it what it has to be greater than.
private struct TrashScope {
  let condition: String
  let arguments: StatementArguments

  /// - Returns: nil where there is no such repository.
  init?(_ repository: RepositoryName?, after place: TrashPlace?, in database: Database) throws {
    let floor: StatementArguments = [
      max(Timestamp.now.milliseconds, place?.keptUntil.milliseconds ?? 0), place?.row ?? Int64.max,
    ]
    guard let repository else {
      (condition, arguments) = ("true", floor)
      return
    }
    guard let id = try database.repository(repository) else { return nil }
    (condition, arguments) = ("t.repository_id = ?", [id] + floor)
  }
}
