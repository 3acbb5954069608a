internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// What a collection would take now, without taking it.
  ///
  /// Untagged manifests count, and what only they keep, though a collection hides them first and takes them when they
  /// have waited for as long as others; those that would go to the trash, or that history keeps, do not. It is worked out on a snapshot, in temporary tables of a connection of its own:
  /// neither pushes nor the collector wait for it.
  public func collectable(
    waitingSince cutoff: Timestamp, untaggedSince: Timestamp?
  ) async throws(CatalogError) -> CollectionForecast {
    let path = database.path
    return try await onReaderThread(while: "working out what a collection would take") {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.foreignKeysEnabled = false
      configuration.busyMode = .timeout(10)
      let connection = try DatabaseQueue(path: path, configuration: configuration)
      let forecast = try connection.read { database in
        try Forecast(database: database, cutoff: cutoff, untaggedSince: untaggedSince).make()
      }
      try connection.close()
      return forecast
    }
  }
}

/// The collector's rules, applied to tables of what would be gone by then.
private struct Forecast {
  let database: Database
  let cutoff: Timestamp
  let untaggedSince: Timestamp?

  func make() throws -> CollectionForecast {
    try database.execute(
      sql: """
        CREATE TEMP TABLE going_manifest (id INTEGER PRIMARY KEY, round INTEGER NOT NULL);
        CREATE TEMP TABLE kept_manifest (id INTEGER PRIMARY KEY);
        CREATE TEMP TABLE going_link (
          repository_id INTEGER NOT NULL, blob_id INTEGER NOT NULL, PRIMARY KEY (repository_id, blob_id)
        ) WITHOUT ROWID;
        """)
    try database.run(
      """
      INSERT INTO going_manifest (id, round)
      SELECT m.id, 0 FROM review v JOIN manifest m ON m.id = v.subject_id
      WHERE v.kind = 0 AND v.touched_at < ? AND m.unlinked_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM trashed WHERE trashed.manifest_id = m.id)
      """, [cutoff.milliseconds])
    if let untaggedSince {
      try keepProtected()
      try addUntagged(since: untaggedSince)
    }
    try addLinks()
    return CollectionForecast(manifests: try manifests(), blobs: try blobs())
  }

  private func keepProtected() throws {
    try ValueLists(try KeptManifests(in: database).byRules(ofMirrorsAlone: false)).forEach(each: "(?)") { rows, ids in
      try database.run(
        "INSERT INTO kept_manifest (id) VALUES \(rows) ON CONFLICT (id) DO NOTHING", StatementArguments(ids))
    }
    try database.run(
      """
      INSERT INTO kept_manifest (id)
      SELECT m.id FROM hold h JOIN manifest m ON m.repository_id = h.repository_id AND m.digest = h.digest
      WHERE true ON CONFLICT (id) DO NOTHING
      """)
  }

  /// Each round adds what nothing keeps any more after the round before: untagged manifests, and the entries and
  /// referrers of those that were added.
  private func addUntagged(since moment: Timestamp) throws {
    var round: Int64 = 1
    while true {
      let untagged = try database.run(
        """
        INSERT INTO going_manifest (id, round)
        SELECT m.id, ? FROM manifest m
        WHERE m.untagged_at < ? AND m.unlinked_at IS NULL AND \(Self.isReleased)
        """, [round, moment.milliseconds])
      let released = try database.run(
        """
        INSERT INTO going_manifest (id, round)
        SELECT m.id, ? FROM manifest m
        WHERE m.id IN (
            SELECT child.id
            FROM going_manifest g
            JOIN manifest_entry e ON e.manifest_id = g.id
            JOIN manifest child ON child.repository_id = e.repository_id AND child.digest = e.digest
            WHERE g.round >= ?
            UNION
            SELECT referrer.id
            FROM going_manifest g
            JOIN manifest subject ON subject.id = g.id
            JOIN manifest referrer
              ON referrer.repository_id = subject.repository_id AND referrer.subject_digest = subject.digest
            WHERE g.round >= ?)
          AND m.untagged_at IS NULL AND m.unlinked_at IS NULL
          AND NOT EXISTS (
            SELECT 1 FROM tag t
            WHERE t.repository_id = m.repository_id AND t.digest = m.digest AND t.ended_at IS NULL)
          AND \(Self.isReleased)
        """, [round + 1, max(1, round - 1), max(1, round - 1)])
      if untagged + released == 0 { return }
      round += 2
    }
  }

  /// Not going yet, not on its way to the trash, not protected, listed by no index that stays, and without a subject that
  /// stays.
  private static let isReleased = """
    (EXISTS (SELECT 1 FROM mirrored WHERE mirrored.manifest_id = m.id)
      OR \(TrashWindow.milliseconds(of: "m.repository_id")) = 0)
      AND NOT EXISTS (SELECT 1 FROM going_manifest g WHERE g.id = m.id)
      AND NOT EXISTS (SELECT 1 FROM kept_manifest k WHERE k.id = m.id)
      AND NOT EXISTS (
        SELECT 1
        FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id
        WHERE e.repository_id = m.repository_id AND e.digest = m.digest AND parent.unlinked_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM going_manifest g WHERE g.id = parent.id))
      AND NOT EXISTS (
        SELECT 1 FROM manifest subject
        WHERE subject.repository_id = m.repository_id AND subject.digest = m.subject_digest
          AND subject.unlinked_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM going_manifest g WHERE g.id = subject.id))
    """

  private func addLinks() throws {
    try database.run(
      """
      INSERT INTO going_link (repository_id, blob_id)
      SELECT l.repository_id, l.blob_id
      FROM (
        SELECT repository_id, subject_id AS blob_id FROM review WHERE kind = 1 AND touched_at < ?
        UNION
        SELECT n.repository_id, n.blob_id
        FROM going_manifest g JOIN manifest_blob n ON n.manifest_id = g.id
        WHERE g.round > 0
      ) AS candidate
      JOIN blob_link l ON l.repository_id = candidate.repository_id AND l.blob_id = candidate.blob_id
      WHERE NOT EXISTS (
          SELECT 1 FROM review v
          WHERE v.kind = 1 AND v.repository_id = l.repository_id AND v.subject_id = l.blob_id AND v.touched_at >= ?)
        AND NOT EXISTS (
          SELECT 1 FROM manifest_blob n
          WHERE n.repository_id = l.repository_id AND n.blob_id = l.blob_id
            AND NOT EXISTS (SELECT 1 FROM going_manifest g WHERE g.id = n.manifest_id))
      """, [cutoff.milliseconds, cutoff.milliseconds])
  }

  private func manifests() throws -> [RepositoryDigest] {
    try database.all(
      """
      SELECT r.name, m.digest
      FROM going_manifest g JOIN manifest m ON m.id = g.id JOIN repository r ON r.id = m.repository_id
      ORDER BY r.name, m.digest
      """
    ) { row in
      RepositoryDigest(repository: try row.repositoryName(at: 0), digest: try row.digest(at: 1))
    }
  }

  private func blobs() throws -> [BlobRecord] {
    try database.all(
      """
      SELECT b.digest, b.size, b.state FROM blob b
      WHERE b.id IN (
          SELECT subject_id FROM review WHERE kind = 2
          UNION SELECT id FROM blob WHERE state = 1
          UNION SELECT blob_id FROM going_link)
        AND NOT EXISTS (
          SELECT 1 FROM blob_link l
          WHERE l.blob_id = b.id
            AND NOT EXISTS (
              SELECT 1 FROM going_link g WHERE g.repository_id = l.repository_id AND g.blob_id = l.blob_id))
      ORDER BY b.digest
      """
    ) { try $0.blobRecord() }
  }
}
