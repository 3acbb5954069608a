internal import Foundation
internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Stores a manifest with all that follows from it, or nothing.
  public func commitManifest(_ push: ManifestPush) async throws(CatalogError) -> ManifestCommit {
    try await write(while: "storing the manifest \(push.digest) in \(push.repository)") { database in
      try ManifestTransaction(push, database: database).commit()
    }
  }
}

/// The transaction that stores one manifest.
private struct ManifestTransaction {
  private let push: ManifestPush
  private let database: Database
  private let change: Change

  init(_ push: ManifestPush, database: Database) {
    self.push = push
    self.database = database
    change = Change(by: push.actor, in: push.repository)
  }

  private var now: Timestamp { change.now }

  func commit() throws -> ManifestCommit {
    let known = try database.repository(push.repository)
    let blobs = try linkedBlobs(in: known)
    let wanted = push.origin == nil ? [:] : push.manifest.blobSizes.filter { blobs[$0.key] == nil }
    let entries = push.manifest.entryDigests.subtracting(blobs.keys).subtracting(wanted.keys)
    if push.origin == nil {
      let missing = try missing(of: entries, beside: blobs, in: known)
      guard missing.isEmpty else { return .missing(missing.sorted()) }
    }

    let quotas = try QuotaCheck(in: push.repository, database)
    let repository = try known ?? database.makeRepository(push.repository, at: now)
    let manifest = try store(in: repository)
    try refer(from: manifest, to: blobs.values, and: entries, in: repository)
    if let origin = push.origin {
      try database.mirrored(manifest, in: repository, from: origin, wanting: wanted, at: now)
    }
    let moves = try TagLifetimes(in: repository, database: database, change: change)
      .move(push.tags, to: push.digest)
    if push.origin == nil { try quotas.finish() }
    try database.record((push.origin == nil ? [pushEvent] : []) + moves)
    return .stored
  }

  /// What a client has to push before.
  private func missing(
    of entries: Set<Digest>, beside blobs: [Digest: Int64], in repository: Int64?
  ) throws -> Set<Digest> {
    let missing = push.manifest.requiredBlobs.subtracting(blobs.keys)
    guard !push.allowsSparseIndex else { return missing }
    return missing.union(entries.subtracting(try manifests(of: entries, in: repository)))
  }

  private var pushEvent: AuditEvent {
    let tags = Set(push.tags).map(\.value).sorted().joined(separator: " ")
    return change.event(
      .manifestPush, push.digest.description,
      [
        "mediaType": push.manifest.mediaType.value, "subject": push.manifest.subject?.digest.description,
        "tags": tags.isEmpty ? nil : tags,
      ])
  }

  /// The rows of those blobs the manifest names that the repository has; what a mirror lost it can fetch again.
  private func linkedBlobs(in repository: Int64?) throws -> [Digest: Int64] {
    let manifest = push.manifest
    let named = manifest.requiredBlobs.union(manifest.optionalBlobs).union(manifest.entryDigests)
    var rows: [Digest: Int64] = [:]
    guard let repository else { return rows }
    try ValueLists(named.map(\.key)).forEach { marks, keys in
      let found = try database.all(
        """
        SELECT b.digest, b.id
        FROM blob b JOIN blob_link l ON l.repository_id = ? AND l.blob_id = b.id AND l.unlinked_at IS NULL
        WHERE b.digest IN (\(marks)) AND b.state IN (0, ?)
        """,
        [repository] + StatementArguments(keys)
          + [(push.origin == nil ? BlobState.live : BlobState.missing).rawValue]
      ) { row in (try row.digest(at: 0), row[1] as Int64) }
      rows.merge(found) { row, _ in row }
    }
    return rows
  }

  private func manifests(of digests: Set<Digest>, in repository: Int64?) throws -> Set<Digest> {
    var found: Set<Digest> = []
    guard let repository else { return found }
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      found.formUnion(
        try database.all(
          "SELECT digest FROM manifest WHERE repository_id = ? AND digest IN (\(marks)) AND unlinked_at IS NULL",
          [repository] + StatementArguments(keys)
        ) { try $0.digest(at: 0) })
    }
    return found
  }

  /// - Returns: the manifest's row.
  private func store(in repository: Int64) throws -> Int64 {
    let manifest = push.manifest
    let row = try database.value(
      """
      INSERT INTO manifest (
        repository_id, digest, media_type, artifact_type, subject_digest, size, pushed_at, untagged_at, annotations, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (repository_id, digest) DO UPDATE SET
        media_type = excluded.media_type, artifact_type = excluded.artifact_type,
        subject_digest = excluded.subject_digest, annotations = excluded.annotations,
        pushed_at = excluded.pushed_at, unlinked_at = NULL,
        untagged_at = CASE
          WHEN EXISTS (
            SELECT 1 FROM tag t
            WHERE t.repository_id = manifest.repository_id AND t.digest = manifest.digest AND t.ended_at IS NULL)
          THEN NULL ELSE excluded.untagged_at END
      RETURNING id
      """,
      [
        repository, push.digest.key, manifest.mediaType.value, manifest.artifactType, manifest.subject?.digest.key,
        manifest.bytes.count, now.milliseconds, push.tags.isEmpty ? now.milliseconds : nil,
        manifest.subject == nil ? nil : StringsColumn.encode(manifest.annotations), Data(manifest.bytes),
      ], as: Int64.self)
    guard let row else { throw CorruptColumn("no row for a manifest that was stored") }
    return row
  }

  /// The same bytes name the same references, whatever the media type; a blob that was optional and missing when they
  /// were pushed before is added.
  private func refer(
    from manifest: Int64, to blobs: some Collection<Int64>, and entries: Set<Digest>, in repository: Int64
  ) throws {
    try ValueLists(blobs).forEach { marks, ids in
      try database.run(
        """
        INSERT INTO manifest_blob (manifest_id, repository_id, blob_id)
        SELECT ?, ?, id FROM blob WHERE id IN (\(marks))
        ON CONFLICT (manifest_id, blob_id) DO NOTHING
        """, [manifest, repository] + StatementArguments(ids))
    }
    try ValueLists(entries.map(\.key)).forEach(each: "(?)") { rows, keys in
      try database.run(
        """
        INSERT INTO manifest_entry (manifest_id, repository_id, digest)
        SELECT ?, ?, column1 FROM (VALUES \(rows)) AS entry WHERE true
        ON CONFLICT (manifest_id, digest) DO NOTHING
        """, [manifest, repository] + StatementArguments(keys))
    }
  }
}
