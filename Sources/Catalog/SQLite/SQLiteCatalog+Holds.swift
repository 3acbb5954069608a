internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Holds the manifest that a reference names now.
  public func hold(
    _ reference: Reference, in repository: RepositoryName, reason: HoldReason, by actor: Author
  ) async throws(CatalogError) -> HoldOutcome {
    try await write(while: "holding \(reference) of \(repository)") { database in
      guard let found = try database.visibleManifest(reference, in: repository) else { return .unknown }
      if let held = try database.hold(on: found) {
        return held.reason == reason ? .held(held) : .heldAlready(held)
      }
      let change = Change(by: actor, in: repository)
      try database.run(
        "INSERT INTO hold (repository_id, digest, reason, held_at, held_by) VALUES (?, ?, ?, ?, ?)",
        [found.repository, found.digest.key, reason.description, change.now.milliseconds, actor.name])
      guard let hold = try database.hold(on: found) else { throw CorruptColumn("no row for a hold that was made") }
      try database.record([
        change.event(
          .holdAdd, found.digest.description, ["reason": reason.description, "tag": reference.tag?.value])
      ])
      return .held(hold)
    }
  }

  /// Lets the manifest go that a reference names now.
  public func release(
    _ reference: Reference, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> HoldRelease {
    try await write(while: "letting \(reference) of \(repository) go") { database in
      guard let found = try database.visibleManifest(reference, in: repository) else { return .unknown }
      guard let hold = try database.hold(on: found) else { return .notHeld(found.digest) }
      try database.run("DELETE FROM hold WHERE id = ?", [hold.id])
      try database.record([
        Change(by: actor, in: repository).event(
          .holdRemove, found.digest.description,
          ["reason": hold.reason.description, "heldBy": hold.heldBy, "heldAt": hold.heldAt.rfc3339])
      ])
      return .released(hold)
    }
  }

  /// Holds that a rule of the caller's lets through, of one repository or of all, in the order in which they were made,
  /// after one row.
  public func holds(
    in repository: RepositoryName?, where isListed: @escaping @Sendable (Hold) -> Bool, after: Int64?, limit: Int
  ) async throws(CatalogError) -> [Hold] {
    try await read(while: "listing the holds") { database in
      var condition = ""
      var arguments: StatementArguments = [after ?? 0]
      if let repository {
        let id = try database.repository(repository)
        guard let id else { return [] }
        condition = "AND h.repository_id = ?"
        arguments += [id]
      }
      return try database.first(
        limit,
        of: """
          SELECT \(Hold.columns) FROM hold h CROSS JOIN repository r ON r.id = h.repository_id
          WHERE h.id > ? \(condition) ORDER BY h.id
          """, arguments
      ) { row in
        let hold = try row.hold()
        return isListed(hold) ? hold : nil
      }
    }
  }
}

/// A manifest that is visible, with the row of its repository.
struct VisibleManifest {
  let repository: Int64
  let digest: Digest
}

extension Database {
  /// The manifest that a reference names.
  func visibleManifest(_ reference: Reference, in repository: RepositoryName) throws -> VisibleManifest? {
    let (condition, value): (String, any DatabaseValueConvertible) =
      switch reference {
      case .tag(let tag):
        ("(SELECT t.digest FROM tag t WHERE t.repository_id = r.id AND t.name = ? AND t.ended_at IS NULL)", tag.value)
      case .digest(let digest): ("?", digest.key)
      }
    return try first(
      """
      SELECT r.id, m.digest
      FROM repository r JOIN manifest m ON m.repository_id = r.id AND m.digest = \(condition)
      WHERE m.unlinked_at IS NULL AND r.name = ?
      """, [value, repository.value]
    ) { row in VisibleManifest(repository: row[0], digest: try row.digest(at: 1)) }
  }

  fileprivate func hold(on manifest: VisibleManifest) throws -> Hold? {
    try first(
      """
      SELECT \(Hold.columns) FROM hold h JOIN repository r ON r.id = h.repository_id
      WHERE h.repository_id = ? AND h.digest = ?
      """, [manifest.repository, manifest.digest.key]
    ) { try $0.hold() }
  }
}

extension Reference {
  fileprivate var tag: Tag? {
    if case .tag(let tag) = self { tag } else { nil }
  }
}
