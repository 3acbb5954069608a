internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Looks at hidden manifests that have waited since before `cutoff`, and purges those that were not pushed again.
  public func reviewManifests(
    waitingSince cutoff: Timestamp, limit: Int
  ) async throws(CatalogError) -> ReviewCount {
    try await write(while: "reviewing hidden manifests") { database in
      let review = Review(of: .manifest, waitingSince: cutoff, limit: limit, in: database)
      let hidden = try database.all(
        """
        SELECT id FROM manifest
        WHERE id IN (\(Review.subjects)) AND unlinked_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM trashed WHERE trashed.manifest_id = manifest.id)
        """, review.arguments
      ) { $0[0] as Int64 }
      try Self.purge(hidden, at: .now, in: database)
      return ReviewCount(reviewed: try review.finish(), purged: hidden.count)
    }
  }

  /// The links of the manifests' blobs wait since the manifests were hidden, or somebody asked for them; where one has
  /// been reviewed in between, because a manifest still needed it, it waits anew.
  private static func purge(_ manifests: [Int64], at now: Timestamp, in database: Database) throws {
    try ValueLists(manifests).forEach { marks, ids in
      let ids = StatementArguments(ids)
      try database.run(
        """
        INSERT INTO review (kind, repository_id, subject_id, touched_at)
        SELECT DISTINCT 1, repository_id, blob_id, ? FROM manifest_blob WHERE manifest_id IN (\(marks))
        ON CONFLICT (kind, repository_id, subject_id) DO NOTHING
        """, [now.milliseconds] + ids)
      try database.run("DELETE FROM manifest_blob WHERE manifest_id IN (\(marks))", ids)
      try database.run("DELETE FROM manifest_entry WHERE manifest_id IN (\(marks))", ids)
      try database.run("DELETE FROM wanted_blob WHERE manifest_id IN (\(marks))", ids)
      try database.run("DELETE FROM mirrored WHERE manifest_id IN (\(marks))", ids)
      try database.run("DELETE FROM manifest_pull WHERE manifest_id IN (\(marks))", ids)
      try database.run("DELETE FROM manifest WHERE id IN (\(marks))", ids)
    }
  }

  /// Hides manifests that have had no tag since before `cutoff`, that no index lists, and that refer to nothing that is
  /// there.
  ///
  /// Those that are kept are not looked at again until what keeps them is hidden; those that the history of a tag keeps,
  /// until it does no longer; and those that a hold or a rule keeps count as kept until now.
  public func hideUntaggedManifests(
    since cutoff: Timestamp, limit: Int
  ) async throws(CatalogError) -> ReviewCount {
    try await write(while: "hiding manifests without a tag") { database in
      let untagged = try database.all(
        """
        SELECT id FROM manifest WHERE untagged_at < ? AND unlinked_at IS NULL ORDER BY untagged_at, id LIMIT ?
        """, [cutoff.milliseconds, limit]
      ) { $0[0] as Int64 }
      var kept: Set<Int64> = []
      try ValueLists(untagged).forEach { marks, ids in
        kept.formUnion(
          try database.all(
            """
            UPDATE manifest SET untagged_at = NULL
            WHERE id IN (\(marks))
              AND (
                EXISTS (
                  SELECT 1
                  FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id
                  WHERE e.repository_id = manifest.repository_id AND e.digest = manifest.digest
                    AND parent.unlinked_at IS NULL)
                OR EXISTS (
                  SELECT 1 FROM manifest subject
                  WHERE subject.repository_id = manifest.repository_id AND subject.digest = manifest.subject_digest
                    AND subject.unlinked_at IS NULL))
            RETURNING id
            """, StatementArguments(ids)
          ) { $0[0] as Int64 })
      }
      let now = Timestamp.now
      let protected = try KeptManifests(in: database).among(untagged.filter { !kept.contains($0) })
      try ValueLists(protected).forEach { marks, ids in
        try database.run(
          "UPDATE manifest SET untagged_at = ? WHERE id IN (\(marks))",
          [max(now, cutoff).milliseconds] + StatementArguments(ids))
      }
      kept.formUnion(protected)
      let released = untagged.filter { !kept.contains($0) }
      let awaited = try Self.putOff(released, toHistoryEndAfter: now, since: cutoff, in: database)
      let hidden = released.filter { !awaited.contains($0) }
      let visibility = ManifestVisibility(database: database, now: now)
      try visibility.trash(hidden, by: nil)
      try visibility.hide(hidden)
      return ReviewCount(reviewed: untagged.count, purged: hidden.count)
    }
  }

  /// Has manifests that a tag named in the time for which history is kept count as untagged from so late that they are
  /// looked at again when that is over.
  ///
  /// - Returns: their rows; what is mirrored is not among them.
  private static func putOff(
    _ manifests: [Int64], toHistoryEndAfter now: Timestamp, since cutoff: Timestamp, in database: Database
  ) throws -> Set<Int64> {
    var awaited: Set<Int64> = []
    try ValueLists(manifests).forEach { marks, ids in
      awaited.formUnion(
        try database.all(
          """
          UPDATE manifest SET untagged_at = ? + (
            SELECT MAX(t.kept_until) FROM tag t
            WHERE t.repository_id = manifest.repository_id AND t.digest = manifest.digest AND t.kept_until > ?)
          WHERE id IN (\(marks)) AND \(Self.isInHistory)
            AND NOT EXISTS (SELECT 1 FROM mirrored WHERE mirrored.manifest_id = manifest.id)
          RETURNING id
          """,
          [cutoff.milliseconds - now.milliseconds, now.milliseconds] + StatementArguments(ids) + [now.milliseconds]
        ) { $0[0] as Int64 })
    }
    return awaited
  }

  /// That a tag named the manifest in the time for which history is kept, whose end is the parameter.
  static let isInHistory = """
    EXISTS (
      SELECT 1 FROM tag t
      WHERE t.repository_id = manifest.repository_id AND t.digest = manifest.digest AND t.kept_until > ?)
    """

  /// Looks at links of blobs to repositories, and purges those that no manifest of the repository, hidden or not, needs.
  public func reviewLinks(
    waitingSince cutoff: Timestamp, limit: Int
  ) async throws(CatalogError) -> ReviewCount {
    try await write(while: "reviewing links of blobs") { database in
      let now = Timestamp.now
      let review = Review(of: .link, waitingSince: cutoff, limit: limit, in: database)
      let purged = try database.all(
        """
        DELETE FROM blob_link
        WHERE (repository_id, blob_id) IN (\(Review.links))
          AND NOT EXISTS (
            SELECT 1 FROM manifest_blob n
            WHERE n.repository_id = blob_link.repository_id AND n.blob_id = blob_link.blob_id)
        RETURNING blob_id
        """, review.arguments
      ) { $0[0] as Int64 }
      try ValueLists(Set(purged)).forEach { marks, ids in
        try database.run(
          """
          INSERT INTO review (kind, repository_id, subject_id, touched_at)
          SELECT 2, 0, id, ? FROM blob
          WHERE id IN (\(marks)) AND NOT EXISTS (SELECT 1 FROM blob_link l WHERE l.blob_id = blob.id)
          ON CONFLICT (kind, repository_id, subject_id) DO NOTHING
          """, [now.milliseconds] + StatementArguments(ids))
      }
      return ReviewCount(reviewed: try review.finish(), purged: purged.count)
    }
  }

  /// Marks blobs that no repository has as being removed, and names them, with those that an earlier process marked and
  /// did not finish.
  public func claimUnlinkedBlobs(limit: Int) async throws(CatalogError) -> [BlobRecord] {
    try await write(while: "claiming blobs without a link") { database in
      let claimed = "SELECT digest, size, state FROM blob WHERE state = 1 ORDER BY id LIMIT ?"
      var blobs = try database.all(claimed, [limit]) { try $0.blobRecord() }
      var reviewed = limit
      while blobs.isEmpty, reviewed == limit {
        let review = Review(of: .blob, waitingSince: .distantFuture, limit: limit, in: database)
        try database.run(
          """
          UPDATE blob SET state = 1
          WHERE id IN (\(Review.subjects)) AND NOT EXISTS (SELECT 1 FROM blob_link l WHERE l.blob_id = blob.id)
          """, review.arguments)
        reviewed = try review.finish()
        blobs = try database.all(claimed, [limit]) { try $0.blobRecord() }
      }
      return blobs
    }
  }

  /// Forgets blobs that were claimed, once their bytes are gone.
  public func forgetBlobs(_ digests: [Digest]) async throws(CatalogError) {
    try await write(while: "forgetting removed blobs") { database in
      try ValueLists(digests.map(\.key)).forEach { marks, keys in
        try database.run("DELETE FROM blob WHERE digest IN (\(marks)) AND state = 1", StatementArguments(keys))
      }
    }
  }

  /// Records bytes of which the catalogue knows nothing, so that they are reviewed, and collected where nobody wants them.
  public func adoptBlob(_ digest: Digest, size: Int64) async throws(CatalogError) {
    try await write(while: "adopting the blob \(digest)") { database in
      let now = Timestamp.now
      try database.run(
        """
        INSERT INTO blob (digest, size, state, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING
        """, [digest.key, size, BlobState.live.rawValue, now.milliseconds])
      try database.run(
        """
        INSERT INTO review (kind, repository_id, subject_id, touched_at)
        SELECT 2, 0, id, ? FROM blob
        WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM blob_link l WHERE l.blob_id = blob.id)
        ON CONFLICT (kind, repository_id, subject_id) DO NOTHING
        """, [now.milliseconds, digest.key])
    }
  }
}

/// The candidates of one kind that have waited longest, within one transaction.
private struct Review {
  /// Selects the candidates' subjects, with `arguments`.
  static let subjects = candidates("subject_id")
  /// Selects the candidates' repositories and subjects, with `arguments`.
  static let links = candidates("repository_id, subject_id")

  let arguments: StatementArguments
  private let database: Database

  init(of kind: ReviewKind, waitingSince cutoff: Timestamp, limit: Int, in database: Database) {
    arguments = [kind.rawValue, cutoff.milliseconds, limit]
    self.database = database
  }

  /// Takes the candidates out of the queue: each has either gone or is needed, and whoever ends that need puts it back.
  ///
  /// - Returns: how many there were.
  func finish() throws -> Int {
    try database.run(
      "DELETE FROM review WHERE (kind, repository_id, subject_id) IN (\(Self.candidates("kind, repository_id, subject_id")))",
      arguments)
  }

  /// The order is total, so that the statements of one transaction select the same candidates.
  private static func candidates(_ columns: String) -> String {
    """
    SELECT \(columns) FROM review WHERE kind = ? AND touched_at < ?
    ORDER BY touched_at, repository_id, subject_id LIMIT ?
    """
  }
}

extension Timestamp {
  fileprivate static let distantFuture = Timestamp(milliseconds: .max)
}
