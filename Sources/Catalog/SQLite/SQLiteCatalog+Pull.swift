internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The manifest that a tag or a digest names.
  public func manifest(
    _ reference: Reference, in repository: RepositoryName
  ) async throws(CatalogError) -> StoredManifest? {
    try await read(while: "reading the manifest \(reference) of \(repository)") { database in
      let manifest = { (row: Row) in
        StoredManifest(digest: try row.digest(at: 0), mediaType: try row.mediaType(at: 1), bytes: try row.bytes(at: 2))
      }
      switch reference {
      case .tag(let tag):
        return try database.first(
          """
          SELECT m.digest, m.media_type, m.bytes
          FROM repository r
          JOIN tag t ON t.repository_id = r.id AND t.ended_at IS NULL
          JOIN manifest m ON m.repository_id = r.id AND m.digest = t.digest AND m.unlinked_at IS NULL
          WHERE r.name = ? AND t.name = ?
          """, [repository.value, tag.value], manifest)
      case .digest(let digest):
        return try database.first(
          """
          SELECT m.digest, m.media_type, m.bytes
          FROM repository r JOIN manifest m ON m.repository_id = r.id
          WHERE r.name = ? AND m.digest = ? AND m.unlinked_at IS NULL
          """, [repository.value, digest.key], manifest)
      }
    }
  }

  /// The size of a blob that is linked to the repository, in bytes; nil where it is not, or where its bytes are lost.
  public func blobSize(
    _ digest: Digest, in repository: RepositoryName, touchedUnless: Timestamp?
  ) async throws(CatalogError) -> Int64? {
    let found = try await read(while: "looking for the blob \(digest) in \(repository)") { database in
      try VisibleBlob.find(digest, in: repository, of: database)
    }
    guard let found, let touchedUnless, let waitingSince = found.waitingSince, waitingSince < touchedUnless else {
      return found?.size
    }
    return try await write(.relaxed, while: "keeping the blob \(digest) in \(repository)") { database in
      guard let found = try VisibleBlob.find(digest, in: repository, of: database) else { return nil }
      try database.run(
        "UPDATE review SET touched_at = ? WHERE kind = ? AND repository_id = ? AND subject_id = ?",
        [Timestamp.now.milliseconds, ReviewKind.link.rawValue, found.repository, found.id])
      return found.size
    }
  }
}

/// A live blob that is linked to a repository.
private struct VisibleBlob: Sendable {
  let id: Int64
  let repository: Int64
  let size: Int64
  /// Since when the link has waited for the collector; nil where it does not.
  let waitingSince: Timestamp?

  static func find(_ digest: Digest, in repository: RepositoryName, of database: Database) throws -> VisibleBlob? {
    try database.first(
      """
      SELECT b.id, l.repository_id, b.size, v.touched_at
      FROM repository r
      JOIN blob b ON b.digest = ? AND b.state = 0
      JOIN blob_link l ON l.repository_id = r.id AND l.blob_id = b.id AND l.unlinked_at IS NULL
      LEFT JOIN review v ON v.kind = 1 AND v.repository_id = l.repository_id AND v.subject_id = l.blob_id
      WHERE r.name = ?
      """, [digest.key, repository.value]
    ) { row in
      let waitingSince: Int64? = row[3]
      return VisibleBlob(
        id: row[0], repository: row[1], size: row[2], waitingSince: waitingSince.map(Timestamp.init(milliseconds:)))
    }
  }
}
