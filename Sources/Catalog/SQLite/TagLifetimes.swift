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
  /// - Parameter reason: why, where it is no push.
  /// - Returns: an event for each tag that did not name it before.
  /// - Throws: `ProtectionRefusal` where a rule keeps one of them at another digest.
  func move(_ tags: [Tag], to digest: Digest, because reason: TagLifetime.Reason? = nil) throws -> [AuditEvent] {
    let names = Set(tags).map(\.value).sorted()
    var left: [String: Digest] = [:]
    try ValueLists(names).forEach { marks, names in
      let ended = try end(
        where: "name IN (\(marks)) AND digest <> ?", StatementArguments(names) + [digest.key], isDeleted: false)
      left.merge(ended.map { ($0.name, $0.digest) }) { digest, _ in digest }
    }
    try protect(left) { .move($0, from: $1, to: digest) }
    var begun: [String] = []
    try ValueLists(names).forEach(each: "(?)") { rows, names in
      begun += try database.all(
        """
        INSERT INTO tag (repository_id, name, digest, began_at, began_by, began_credential, began_address, reason)
        SELECT ?, column1, ?, ?, ?, ?, ?, ? FROM (VALUES \(rows)) AS name WHERE true
        ON CONFLICT (repository_id, name) WHERE ended_at IS NULL DO NOTHING
        RETURNING name
        """,
        [
          repository, digest.key, change.now.milliseconds, change.actor.name, change.actor.credential,
          change.actor.address, reason?.rawValue,
        ] + StatementArguments(names)
      ) { $0[0] }
    }
    try visibility.tagsEnded(of: Set(left.values), in: repository)
    return begun.map { name in
      change.event(
        .tagMove, name,
        ["from": left[name]?.description, "to": digest.description, "reason": reason?.rawValue])
    }
  }

  /// Has tags name again what they named in lifetimes that have ended, where they are free.
  ///
  /// - Returns: their names and what they name.
  func begin(again rows: [Int64]) throws -> [(name: String, digest: Digest)] {
    var begun: [(name: String, digest: Digest)] = []
    try ValueLists(rows).forEach { marks, rows in
      begun += try database.all(
        """
        INSERT INTO tag (repository_id, name, digest, began_at, began_by, began_credential, began_address, reason)
        SELECT repository_id, name, digest, ?, ?, ?, ?, ? FROM tag WHERE id IN (\(marks)) AND repository_id = ?
        ON CONFLICT (repository_id, name) WHERE ended_at IS NULL DO NOTHING
        RETURNING name, digest
        """,
        [
          change.now.milliseconds, change.actor.name, change.actor.credential, change.actor.address,
          TagLifetime.Reason.restore.rawValue,
        ] + StatementArguments(rows) + [repository]
      ) { row in (row[0] as String, try row.digest(at: 1)) }
    }
    return begun
  }

  /// Ends a tag; its manifest and other tags stay.
  ///
  /// - Returns: what it named; nil where there was no such tag.
  /// - Throws: `ProtectionRefusal` where a rule keeps it, or what it says that its manifest refers to is held.
  func end(_ tag: Tag) throws -> Digest? {
    guard let ended = try end(where: "name = ?", [tag.value], isDeleted: true).first else { return nil }
    try protect([ended.name: ended.digest]) { tag, _ in .deleteTag(tag) }
    let subjects = try database.subjects(of: [tag], in: repository)
    if !subjects.isEmpty { try protections.refuse(.deleteTag(tag), for: try protections.reasons(toKeep: subjects)) }
    try visibility.tagsEnded(of: [ended.digest], in: repository)
    return ended.digest
  }

  /// Ends tags by the rows of their lifetimes, which last; their manifests and other tags stay. Whoever asks for it has
  /// left out what is protected.
  ///
  /// - Returns: their names and what they named.
  func end(rows: [Int64]) throws -> [(name: String, digest: Digest)] {
    var ended: [(name: String, digest: Digest)] = []
    try ValueLists(rows).forEach { marks, rows in
      ended += try end(where: "id IN (\(marks))", StatementArguments(rows), isDeleted: true)
    }
    try visibility.tagsEnded(of: Set(ended.map(\.digest)), in: repository)
    return ended
  }

  /// Ends all tags of a manifest that is about to be hidden.
  ///
  /// - Returns: their names, in order.
  /// - Throws: `ProtectionRefusal` where a rule or a hold keeps one of them, the manifest, or what reaches it.
  func endAll(of digest: Digest) throws -> [String] {
    let ended = try end(where: "digest = ?", [digest.key], isDeleted: true).map(\.name).sorted()
    try protect(Dictionary(uniqueKeysWithValues: ended.map { ($0, digest) })) { _, _ in .deleteManifest(digest) }
    // A signature of the older scheme refers to what its tag says.
    let subjects = try database.subjects(of: try ended.map { try Tag(parsing: $0) }, in: repository)
    try protections.refuse(.deleteManifest(digest), for: try protections.reasons(toKeep: [digest] + subjects))
    return ended
  }

  /// Ends all tags of the repository, all of whose manifests are about to be hidden.
  ///
  /// - Returns: their names and what they named.
  /// - Throws: `ProtectionRefusal` where a rule or a hold keeps a tag or a manifest.
  func endAll() throws -> [(name: String, digest: Digest)] {
    let ended = try end(where: "true", [], isDeleted: true)
    try protect(Dictionary(uniqueKeysWithValues: ended.map { ($0.name, $0.digest) })) { tag, _ in .deleteTag(tag) }
    if let (digest, reason) = try protections.firstReasonToKeepAnyManifest() {
      try protections.refuse(.deleteManifest(digest), for: [reason])
    }
    return ended
  }

  private var visibility: ManifestVisibility { ManifestVisibility(database: database, now: change.now) }
  private var protections: Protections { Protections(in: repository, database: database) }

  /// Refuses to have ended tags that a rule keeps. That they have ended by then costs a push that moves none nothing, and
  /// is undone with the transaction.
  private func protect(
    _ ended: [String: Digest], _ attempt: (Tag, Digest) -> ProtectionRefusal.Attempt
  ) throws {
    guard !ended.isEmpty else { return }
    let reasons = try protections.reasons(toKeep: try ended.keys.sorted().map { try Tag(parsing: $0) })
    guard case .tag(let tag, _) = reasons.first, let digest = ended[tag.value] else { return }
    try protections.refuse(attempt(tag, digest), for: reasons)
  }

  /// What a lifetime named is kept for the repository's window from its end on.
  private func end(
    where condition: String, _ arguments: StatementArguments, isDeleted: Bool
  ) throws -> [(name: String, digest: Digest)] {
    try database.all(
      """
      UPDATE tag SET
        ended_at = ?, ended_by = ?, ended_credential = ?, ended_address = ?, is_deleted = ?,
        kept_until = ? + NULLIF(\(TrashWindow.milliseconds(of: "tag.repository_id")), 0)
      WHERE repository_id = ? AND \(condition) AND ended_at IS NULL
      RETURNING name, digest
      """,
      [
        change.now.milliseconds, change.actor.name, change.actor.credential, change.actor.address, isDeleted,
        change.now.milliseconds, repository,
      ] + arguments
    ) { row in (row[0] as String, try row.digest(at: 1)) }
  }
}
