internal import GRDB
internal import OCI

/// What follows, within one transaction, where a manifest loses its tags or is hidden.
struct ManifestVisibility {
  private let database: Database
  private let now: Timestamp

  init(database: Database, now: Timestamp) {
    self.database = database
    self.now = now
  }

  /// Tags of these manifests have ended: those that have no other have none from now on.
  func tagsEnded(of digests: some Collection<Digest>, in repository: Int64) throws {
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      try database.run(
        """
        UPDATE manifest SET untagged_at = ?
        WHERE repository_id = ? AND digest IN (\(marks)) AND untagged_at IS NULL
          AND NOT EXISTS (
            SELECT 1 FROM tag t
            WHERE t.repository_id = manifest.repository_id AND t.digest = manifest.digest AND t.ended_at IS NULL)
        """, [now.milliseconds, repository] + StatementArguments(keys))
    }
  }

  /// Puts manifests that are about to be hidden into the trash, where their owner has one; what is mirrored can be
  /// fetched again, and never goes there.
  ///
  /// - Parameter actor: the name of who deleted them; nil for the registry's own rules.
  func trash(_ manifests: [Int64], by actor: String?) throws {
    let window = TrashWindow.milliseconds(of: "m.repository_id")
    try ValueLists(manifests).forEach { marks, ids in
      try database.run(
        """
        INSERT INTO trashed (manifest_id, repository_id, deleted_at, deleted_by, kept_until)
        SELECT m.id, m.repository_id, ?, ?, ? + \(window) FROM manifest m
        WHERE m.id IN (\(marks)) AND \(window) > 0
          AND NOT EXISTS (SELECT 1 FROM mirrored WHERE mirrored.manifest_id = m.id)
        ON CONFLICT (manifest_id) DO NOTHING
        """, [now.milliseconds, actor, now.milliseconds] + StatementArguments(ids))
    }
  }

  /// Hides manifests that have no tag any more. Whoever hides has looked for what keeps them; what is held is refused
  /// here, too, so that nobody's mistake can hide it.
  ///
  /// They wait for review from now on unless they are in the trash, and so do the links of their blobs: a client that is
  /// told by then that a blob is there puts off its link, which the manifest keeps no longer. What they kept, the entries
  /// of an index and what refers to a subject, has been without anything that keeps it for as long as they have.
  func hide(_ manifests: [Int64]) throws {
    try ValueLists(manifests).forEach { marks, ids in
      let ids = StatementArguments(ids)
      let now = now.milliseconds
      let held = try database.first(
        """
        SELECT \(Hold.columns)
        FROM manifest m
        JOIN hold h ON h.repository_id = m.repository_id AND h.digest = m.digest
        JOIN repository r ON r.id = h.repository_id
        WHERE m.id IN (\(marks)) LIMIT 1
        """, ids
      ) { try $0.hold() }
      if let held {
        throw ProtectionRefusal(
          repository: held.manifest.repository, attempt: .deleteManifest(held.manifest.digest), reason: .hold(held))
      }
      try database.run(
        """
        UPDATE manifest SET unlinked_at = ?, untagged_at = CASE WHEN untagged_at < ? THEN untagged_at ELSE ? END
        WHERE id IN (\(marks))
        """, [now, now, now] + ids)
      try database.run(
        """
        INSERT INTO review (kind, repository_id, subject_id, touched_at)
        SELECT 0, repository_id, id, ? FROM manifest
        WHERE id IN (\(marks)) AND NOT EXISTS (SELECT 1 FROM trashed WHERE trashed.manifest_id = manifest.id)
        ON CONFLICT (kind, repository_id, subject_id) DO UPDATE SET touched_at = excluded.touched_at
        """, [now] + ids)
      try reviewBlobs(marks, ids)
      try releaseEntries(marks, ids)
      try releaseReferrers(marks, ids)
    }
  }

  /// Has hidden manifests that can be restored no longer wait for review from now on, with the links of their blobs.
  func release(_ manifests: [Int64]) throws {
    try ValueLists(manifests).forEach { marks, ids in
      let ids = StatementArguments(ids)
      try database.run("DELETE FROM trashed WHERE manifest_id IN (\(marks))", ids)
      try database.run(
        """
        INSERT INTO review (kind, repository_id, subject_id, touched_at)
        SELECT 0, repository_id, id, ? FROM manifest WHERE id IN (\(marks)) AND unlinked_at IS NOT NULL
        ON CONFLICT (kind, repository_id, subject_id) DO UPDATE SET touched_at = excluded.touched_at
        """, [now.milliseconds] + ids)
      try reviewBlobs(marks, ids)
    }
  }

  private func reviewBlobs(_ marks: String, _ ids: StatementArguments) throws {
    try database.run(
      """
      INSERT INTO review (kind, repository_id, subject_id, touched_at)
      SELECT DISTINCT 1, repository_id, blob_id, ? FROM manifest_blob WHERE manifest_id IN (\(marks))
      ON CONFLICT (kind, repository_id, subject_id) DO UPDATE SET touched_at = excluded.touched_at
      """, [now.milliseconds] + ids)
  }

  /// Shows hidden manifests again, with the blobs that they name; they are without a tag from now on.
  func show(_ manifests: [Int64]) throws {
    try ValueLists(manifests).forEach { marks, ids in
      let ids = StatementArguments(ids)
      try database.run(
        "UPDATE manifest SET unlinked_at = NULL, untagged_at = ? WHERE id IN (\(marks)) AND unlinked_at IS NOT NULL",
        [now.milliseconds] + ids)
      try database.run(
        """
        UPDATE blob_link SET unlinked_at = NULL
        WHERE unlinked_at IS NOT NULL
          AND (repository_id, blob_id) IN (
            SELECT repository_id, blob_id FROM manifest_blob WHERE manifest_id IN (\(marks)))
        """, ids)
    }
  }

  /// Tags name manifests from now on that were stored before.
  func tagged(_ digests: Set<Digest>, in repository: Int64) throws {
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      try database.run(
        "UPDATE manifest SET untagged_at = NULL WHERE repository_id = ? AND digest IN (\(marks))",
        [repository] + StatementArguments(keys))
    }
  }

  private func releaseEntries(_ marks: String, _ ids: StatementArguments) throws {
    try database.run(
      """
      UPDATE manifest SET untagged_at = (
        SELECT MAX(parent.untagged_at)
        FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id AND parent.unlinked_at IS NOT NULL
        WHERE e.repository_id = manifest.repository_id AND e.digest = manifest.digest)
      WHERE id IN (
        SELECT child.id
        FROM manifest_entry e
        JOIN manifest child ON child.repository_id = e.repository_id AND child.digest = e.digest
        WHERE e.manifest_id IN (\(marks)))
        AND \(Self.isKept)
      """, ids)
  }

  private func releaseReferrers(_ marks: String, _ ids: StatementArguments) throws {
    try database.run(
      """
      UPDATE manifest SET untagged_at = (
        SELECT subject.untagged_at FROM manifest subject
        WHERE subject.repository_id = manifest.repository_id AND subject.digest = manifest.subject_digest)
      WHERE id IN (
        SELECT referrer.id
        FROM manifest subject
        JOIN manifest referrer
          ON referrer.repository_id = subject.repository_id AND referrer.subject_digest = subject.digest
        WHERE subject.id IN (\(marks)))
        AND \(Self.isKept)
      """, ids)
  }

  /// Visible, without a tag, and held to be kept by something else so far.
  private static let isKept = """
    unlinked_at IS NULL AND untagged_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM tag t
        WHERE t.repository_id = manifest.repository_id AND t.digest = manifest.digest AND t.ended_at IS NULL)
    """
}
