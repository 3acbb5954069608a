internal import GRDB
internal import OCI

/// Has tags of one repository name what it has, hidden or not, within one transaction.
struct TagRestoration {
  private let database: Database
  private let change: Change
  private let repository: Int64
  private let visibility: ManifestVisibility

  init(in repository: Int64, database: Database, change: Change) {
    self.database = database
    self.change = change
    self.repository = repository
    visibility = ManifestVisibility(database: database, now: change.now)
  }

  /// Shows a manifest again where it is hidden and its bytes are kept, with all that belongs to it.
  ///
  /// - Returns: the digests of what was hidden; nil where the manifest is gone, or waits for the collector.
  func bringBack(_ digest: Digest) throws -> [Digest]? {
    let found = try database.first(
      """
      SELECT m.id, m.unlinked_at IS NULL, t.kept_until
      FROM manifest m LEFT JOIN trashed t ON t.manifest_id = m.id
      WHERE m.repository_id = ? AND m.digest = ?
      """, [repository, digest.key]
    ) { row in (manifest: row[0] as Int64, isVisible: row[1] as Bool, keptUntil: row[2] as Int64?) }
    guard let found else { return nil }
    if found.isVisible { return [] }
    guard let until = found.keptUntil, until > change.now.milliseconds else { return nil }
    let hidden = try ManifestGraph(database: database, scope: .hidden).reached(from: [found.manifest])
    try visibility.show(hidden)
    return try database.digests(of: hidden)
  }

  /// Has tags that are free name what they named in these of their lifetimes, which is visible.
  ///
  /// - Returns: an event for each tag.
  func set(lifetimes rows: [Int64]) throws -> [AuditEvent] {
    let begun = try TagLifetimes(in: repository, database: database, change: change).begin(again: rows)
    try visibility.tagged(Set(begun.map(\.digest)), in: repository)
    return begun.map { tag, digest in
      change.event(
        .tagMove, tag, ["to": digest.description, "reason": TagLifetime.Reason.restore.rawValue])
    }
  }

  /// Has tags name a manifest that is visible.
  ///
  /// - Returns: an event for each tag that did not name it before.
  func set(_ tags: [Tag], to digest: Digest, because reason: TagLifetime.Reason) throws -> [AuditEvent] {
    let moves = try TagLifetimes(in: repository, database: database, change: change)
      .move(tags, to: digest, because: reason)
    try visibility.tagged([digest], in: repository)
    return moves
  }
}
