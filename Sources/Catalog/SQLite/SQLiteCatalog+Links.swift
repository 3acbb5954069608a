internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Links a blob that is in the store to a repository, and forgets the upload that brought it.
  public func linkBlob(
    _ digest: Digest, size: Int64, to repository: RepositoryName, ending upload: UploadID?
  ) async throws(CatalogError) -> LinkOutcome {
    try await write(while: "linking the blob \(digest) to \(repository)") { database in
      let now = Timestamp.now
      let quotas = try QuotaCheck(in: repository, database)
      guard let blob = try Self.makeLive(digest, size: size, at: now, in: database) else { return .beingRemoved }
      try Self.link(blob, digest, to: try database.makeRepository(repository, at: now), at: now, in: database)
      if let upload {
        try database.run("DELETE FROM upload WHERE id = ?", [upload.description])
      }
      try quotas.finish()
      return .linked
    }
  }

  /// Links a blob that a repository, or any repository where `source` is nil, has to another one.
  ///
  /// - Returns: the blob's size in bytes, or nil where the source does not have it, or its bytes are lost.
  public func mountBlob(
    _ digest: Digest, from source: RepositoryName?, to repository: RepositoryName
  ) async throws(CatalogError) -> Int64? {
    try await write(while: "mounting the blob \(digest) in \(repository)") { database in
      let now = Timestamp.now
      let blob = { (row: Row) -> (id: Int64, size: Int64) in (row[0], row[1]) }
      let found =
        if let source {
          try database.first(
            """
            SELECT b.id, b.size
            FROM repository r
            JOIN blob b ON b.digest = ? AND b.state = 0
            JOIN blob_link l ON l.repository_id = r.id AND l.blob_id = b.id AND l.unlinked_at IS NULL
            WHERE r.name = ?
            """, [digest.key, source.value], blob)
        } else {
          try database.first(
            """
            SELECT b.id, b.size
            FROM blob b JOIN blob_link l ON l.blob_id = b.id AND l.unlinked_at IS NULL
            WHERE b.digest = ? AND b.state = 0 LIMIT 1
            """, [digest.key], blob)
        }
      guard let found else { return nil }
      let quotas = try QuotaCheck(in: repository, database)
      try Self.link(found.id, digest, to: try database.makeRepository(repository, at: now), at: now, in: database)
      try quotas.finish()
      return found.size
    }
  }

  /// - Returns: the blob's row, or nil where it is being removed.
  private static func makeLive(
    _ digest: Digest, size: Int64, at now: Timestamp, in database: Database
  ) throws -> Int64? {
    let known = try database.first("SELECT id, state FROM blob WHERE digest = ?", [digest.key]) { row in
      (id: row[0] as Int64, state: row[1] as Int64)
    }
    guard let known else {
      try database.run(
        "INSERT INTO blob (digest, size, state, created_at) VALUES (?, ?, ?, ?)",
        [digest.key, size, BlobState.live.rawValue, now.milliseconds])
      return database.lastInsertedRowID
    }
    switch known.state {
    case BlobState.beingRemoved.rawValue:
      return nil
    case BlobState.missing.rawValue:
      try database.run(
        "UPDATE blob SET state = ?, size = ? WHERE id = ?", [BlobState.live.rawValue, size, known.id])
    default:
      break
    }
    return known.id
  }

  /// A link waits for review from the start: the push that made it may never come to its manifest, and until it does, it
  /// counts. Mirrored manifests that were waiting for the blob need it from here on.
  private static func link(
    _ blob: Int64, _ digest: Digest, to repository: Int64, at now: Timestamp, in database: Database
  ) throws {
    try database.run(
      """
      INSERT INTO blob_link (repository_id, blob_id, linked_at) VALUES (?, ?, ?)
      ON CONFLICT (repository_id, blob_id) DO UPDATE SET unlinked_at = NULL, manifests = NULLIF(blob_link.manifests, 0)
      """, [repository, blob, now.milliseconds])
    try database.run(
      """
      INSERT INTO review (kind, repository_id, subject_id, touched_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, repository_id, subject_id) DO UPDATE SET touched_at = excluded.touched_at
      """, [ReviewKind.link.rawValue, repository, blob, now.milliseconds])
    try database.blobArrived(blob, digest, in: repository)
  }
}
