internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The blobs that are not being removed, in the order of their digests' bytes, after one digest.
  public func blobs(after: Digest?, limit: Int) async throws(CatalogError) -> [BlobRecord] {
    try await read(while: "listing the blobs") { database in
      try database.all(
        "SELECT digest, size, state FROM blob WHERE digest > ? AND state <> 1 ORDER BY digest LIMIT ?",
        [after.lowestKeyAfter, limit]
      ) { try $0.blobRecord() }
    }
  }

  /// Whether the catalogue knows a blob, in whatever state.
  public func knowsBlob(_ digest: Digest) async throws(CatalogError) -> Bool {
    try await read(while: "looking for the blob \(digest)") { database in
      try database.value("SELECT 1 FROM blob WHERE digest = ?", [digest.key], as: Int.self) != nil
    }
  }

  /// Records that a blob's bytes are lost, so that clients are told to push it again, or that they are back.
  public func setBlob(_ digest: Digest, isMissing: Bool) async throws(CatalogError) {
    let states: (BlobState, BlobState) = isMissing ? (.live, .missing) : (.missing, .live)
    try await write(while: "recording whether the blob \(digest) is there") { database in
      try database.run(
        "UPDATE blob SET state = ? WHERE digest = ? AND state = ?",
        [states.1.rawValue, digest.key, states.0.rawValue])
    }
  }

  /// The visible manifests of all repositories, in the order they were first pushed, after one row.
  public func manifests(after row: Int64?, limit: Int) async throws(CatalogError) -> [ManifestRow] {
    try await read(while: "listing the manifests") { database in
      try database.all(
        """
        SELECT m.id, r.name, m.digest, m.media_type, m.bytes
        FROM manifest m JOIN repository r ON r.id = m.repository_id
        WHERE m.id > ? AND m.unlinked_at IS NULL ORDER BY m.id LIMIT ?
        """, [row ?? 0, limit]
      ) { row in
        ManifestRow(
          row: row[0], repository: try row.repositoryName(at: 1),
          manifest: StoredManifest(
            digest: try row.digest(at: 2), mediaType: try row.mediaType(at: 3), bytes: try row.bytes(at: 4)))
      }
    }
  }

  /// The faults that the catalogue finds in itself, at most a hundred of each sort. It reads the whole file.
  public func inconsistencies() async throws(CatalogError) -> [String] {
    try await read(while: "checking the catalogue") { database in
      try Self.damage(in: database) + Self.brokenTags(in: database) + Self.brokenManifests(in: database)
        + Self.brokenMirror(in: database) + Self.brokenAccess(in: database) + Self.brokenHolds(in: database)
        + Self.wrongTotals(in: database)
    }
  }

  private static func damage(in database: Database) throws -> [String] {
    let damage = try database.all("PRAGMA integrity_check") { $0[0] as String }.filter { $0 != "ok" }
    let dangling = try database.all("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 100") { row in
      let place = (row[1] as Int64?).map { " in row \($0)" } ?? ""
      return "the table \(row[0] as String)\(place) refers to a row of \(row[2] as String) that is not there"
    }
    return damage + dangling
  }

  private static func brokenTags(in database: Database) throws -> [String] {
    try database.all(
      """
      SELECT r.name, t.name, t.digest FROM tag t JOIN repository r ON r.id = t.repository_id
      WHERE t.ended_at IS NULL
        AND NOT EXISTS (
          SELECT 1 FROM manifest m
          WHERE m.repository_id = t.repository_id AND m.digest = t.digest AND m.unlinked_at IS NULL)
      LIMIT 100
      """
    ) { row in
      "\(row[0] as String):\(row[1] as String) names \(try row.digest(at: 2)), which is not in the repository"
    }
  }

  private static func brokenManifests(in database: Database) throws -> [String] {
    try database.all(
      """
      SELECT r.name, m.digest, b.digest
      FROM manifest m
      JOIN repository r ON r.id = m.repository_id
      JOIN manifest_blob n ON n.manifest_id = m.id
      JOIN blob b ON b.id = n.blob_id
      WHERE m.unlinked_at IS NULL
        AND NOT EXISTS (
          SELECT 1 FROM blob_link l
          WHERE l.repository_id = n.repository_id AND l.blob_id = n.blob_id AND l.unlinked_at IS NULL)
      LIMIT 100
      """
    ) { row in
      "\(row[0] as String)@\(try row.digest(at: 1)) needs \(try row.digest(at: 2)), which is not in the repository"
    }
  }

  private static func brokenMirror(in database: Database) throws -> [String] {
    try database.all(
      """
      SELECT r.name, m.digest, w.digest
      FROM wanted_blob w
      JOIN repository r ON r.id = w.repository_id
      JOIN manifest m ON m.id = w.manifest_id
      JOIN blob b ON b.digest = w.digest AND b.state = 0
      JOIN blob_link l ON l.repository_id = w.repository_id AND l.blob_id = b.id AND l.unlinked_at IS NULL
      LIMIT 100
      """
    ) { row in
      "\(row[0] as String)@\(try row.digest(at: 1)) waits for \(try row.digest(at: 2)), which the repository has"
    }
  }

  private static func brokenAccess(in database: Database) throws -> [String] {
    let members = try database.all(
      """
      SELECT u.name, o.name
      FROM member m JOIN account u ON u.id = m.user_id JOIN account o ON o.id = m.organization_id
      WHERE u.kind <> 'user' OR o.kind <> 'organization' LIMIT 100
      """
    ) { row in
      "\(row[0] as String) is a member of \(row[1] as String), which only a user of an organization can be"
    }
    let tokens = try database.all(
      """
      SELECT t.id, t.kind, a.name, a.kind FROM token t JOIN account a ON a.id = t.account_id
      WHERE (t.kind = 'robot') <> (a.kind = 'organization') LIMIT 100
      """
    ) { row in
      "the \(row[1] as String) token \(row[0] as Int64) is that of the \(row[3] as String) \(row[2] as String), "
        + "which can have no such token"
    }
    return members + tokens
  }

  private static func brokenHolds(in database: Database) throws -> [String] {
    try database.all(
      """
      SELECT r.name, h.digest FROM hold h JOIN repository r ON r.id = h.repository_id
      WHERE NOT EXISTS (
        SELECT 1 FROM manifest m
        WHERE m.repository_id = h.repository_id AND m.digest = h.digest AND m.unlinked_at IS NULL)
      LIMIT 100
      """
    ) { row in
      "\(row[0] as String)@\(try row.digest(at: 1)) is held and is not in the repository"
    }
  }

  private static func wrongTotals(in database: Database) throws -> [String] {
    try database.all(
      """
      SELECT total.blobs, total.blob_bytes, total.review_queue, live.blobs, live.bytes, queue.length
      FROM total,
        (SELECT COUNT(*) AS blobs, COALESCE(SUM(size), 0) AS bytes FROM blob WHERE state = 0) AS live,
        (SELECT COUNT(*) AS length FROM review) AS queue
      """
    ) { row in
      zip(["blobs", "bytes of blobs", "candidates for collection"], 0...).compactMap { what, column -> String? in
        let (kept, counted): (Int64, Int64) = (row[column], row[column + 3])
        return kept == counted ? nil : "the totals say \(kept) \(what), and there are \(counted)"
      }
    }.flatMap { $0 }
  }
}
