internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Ends a tag; its manifest and other tags stay.
  ///
  /// - Returns: whether there was such a tag.
  public func deleteTag(
    _ tag: Tag, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "deleting the tag \(tag) of \(repository)") { database in
      let change = Change(by: actor, in: repository)
      guard let id = try database.repository(repository) else { return false }
      let tags = TagLifetimes(in: id, database: database, change: change)
      guard let digest = try tags.end(tag) else { return false }
      try database.record([change.event(.tagDelete, tag.value, ["digest": digest.description])])
      return true
    }
  }

  /// Hides a manifest and ends its tags.
  public func deleteManifest(
    _ digest: Digest, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> DeleteOutcome {
    try await write(while: "deleting the manifest \(digest) of \(repository)") { database in
      try database.deleteManifest(digest, in: repository, Change(by: actor, in: repository))
    }
  }

  /// Hides a blob from a repository.
  public func deleteBlob(
    _ digest: Digest, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> DeleteOutcome {
    try await write(while: "deleting the blob \(digest) of \(repository)") { database in
      let change = Change(by: actor, in: repository)
      let link = try database.first(
        """
        SELECT l.blob_id, l.repository_id
        FROM repository r
        JOIN blob b ON b.digest = ?
        JOIN blob_link l ON l.repository_id = r.id AND l.blob_id = b.id AND l.unlinked_at IS NULL
        WHERE r.name = ?
        """, [digest.key, repository.value]
      ) { row in (blob: row[0] as Int64, repository: row[1] as Int64) }
      guard let link else { return .unknown }
      let manifest = try database.first(
        """
        SELECT m.digest
        FROM manifest_blob n JOIN manifest m ON m.id = n.manifest_id AND m.unlinked_at IS NULL
        WHERE n.repository_id = ? AND n.blob_id = ? LIMIT 1
        """, [link.repository, link.blob]
      ) { try $0.digest(at: 0) }
      if let manifest { return .needed(by: manifest) }

      try database.run(
        "UPDATE blob_link SET unlinked_at = ? WHERE repository_id = ? AND blob_id = ?",
        [change.now.milliseconds, link.repository, link.blob])
      try database.run(
        """
        INSERT INTO review (kind, repository_id, subject_id, touched_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (kind, repository_id, subject_id) DO UPDATE SET touched_at = excluded.touched_at
        """, [ReviewKind.link.rawValue, link.repository, link.blob, change.now.milliseconds])
      try database.record([change.event(.blobDelete, digest.description)])
      return .deleted
    }
  }
}

extension Database {
  /// Hides a manifest and ends its tags.
  func deleteManifest(_ digest: Digest, in repository: RepositoryName, _ change: Change) throws -> DeleteOutcome {
    let found = try first(
      """
      SELECT m.id, m.repository_id, m.subject_digest FROM repository r JOIN manifest m ON m.repository_id = r.id
      WHERE r.name = ? AND m.digest = ? AND m.unlinked_at IS NULL
      """, [repository.value, digest.key]
    ) { row in
      (
        manifest: row[0] as Int64, repository: row[1] as Int64,
        subject: row.hasNull(atIndex: 2) ? nil : try row.digest(at: 2)
      )
    }
    guard let found else { return .unknown }
    let index = try first(
      """
      SELECT parent.digest
      FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id AND parent.unlinked_at IS NULL
      WHERE e.repository_id = ? AND e.digest = ? LIMIT 1
      """, [found.repository, digest.key]
    ) { try $0.digest(at: 0) }
    if let index { return .needed(by: index) }

    let ended = try TagLifetimes(in: found.repository, database: self, change: change)
      .endAll(of: digest).joined(separator: " ")
    let visibility = ManifestVisibility(database: self, now: change.now)
    try visibility.trash([found.manifest], by: change.actor.name)
    try visibility.hide([found.manifest])
    try record([
      change.event(
        .manifestDelete, digest.description,
        ["subject": found.subject?.description, "tags": ended.isEmpty ? nil : ended])
    ])
    return .deleted
  }
}
