internal import GRDB
internal import OCI

/// Where tags of one repository begin and end, within one transaction: nothing else writes the table `tag`, but the
/// eviction of what is mirrored.
///
/// A tag that ends leaves its lifetime behind, which is its history; that it moved or ended is not yet recorded in the
/// audit trail.
struct TagLifetimes {
  private let database: Database
  private let change: Change
  private let repository: Int64

  init(in repository: Int64, database: Database, change: Change) {
    self.database = database
    self.change = change
    self.repository = repository
  }

  /// Has tags name a manifest that is stored.
  ///
  /// - Returns: an event for each tag that did not name it before.
  func move(_ tags: [Tag], to digest: Digest) throws -> [AuditEvent] {
    let names = Set(tags).map(\.value).sorted()
    var left: [String: Digest] = [:]
    try ValueLists(names).forEach { marks, names in
      let ended = try end(
        where: "name IN (\(marks)) AND digest <> ?", StatementArguments(names) + [digest.key])
      left.merge(ended.map { ($0.name, $0.digest) }) { digest, _ in digest }
    }
    var begun: [String] = []
    try ValueLists(names).forEach(each: "(?)") { rows, names in
      begun += try database.all(
        """
        INSERT INTO tag (repository_id, name, digest, began_at, began_by)
        SELECT ?, column1, ?, ?, ? FROM (VALUES \(rows)) AS name WHERE true
        ON CONFLICT (repository_id, name) WHERE ended_at IS NULL DO NOTHING
        RETURNING name
        """, [repository, digest.key, change.now.milliseconds, change.actor.name] + StatementArguments(names)
      ) { $0[0] }
    }
    try visibility.tagsEnded(of: Set(left.values), in: repository)
    return begun.map { name in
      change.event(.tagMove, name, ["from": left[name]?.description, "to": digest.description])
    }
  }

  /// Ends a tag; its manifest and other tags stay.
  ///
  /// - Returns: what it named; nil where there was no such tag.
  func end(_ tag: Tag) throws -> Digest? {
    guard let ended = try end(where: "name = ?", [tag.value]).first else { return nil }
    try visibility.tagsEnded(of: [ended.digest], in: repository)
    return ended.digest
  }

  /// Ends all tags of a manifest that is about to be hidden.
  ///
  /// - Returns: their names, in order.
  func endAll(of digest: Digest) throws -> [String] {
    try end(where: "digest = ?", [digest.key]).map(\.name).sorted()
  }

  private var visibility: ManifestVisibility { ManifestVisibility(database: database, now: change.now) }

  private func end(
    where condition: String, _ arguments: StatementArguments
  ) throws -> [(name: String, digest: Digest)] {
    try database.all(
      """
      UPDATE tag SET ended_at = ?, ended_by = ?
      WHERE repository_id = ? AND \(condition) AND ended_at IS NULL
      RETURNING name, digest
      """, [change.now.milliseconds, change.actor.name, repository] + arguments
    ) { row in (row[0] as String, try row.digest(at: 1)) }
  }
}
