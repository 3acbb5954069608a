internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// How long an owner's trash is kept; nil where the owner says nothing.
  public func trashWindow(of owner: AccountName) async throws(CatalogError) -> Duration? {
    try await read(while: "reading how long the trash of \(owner) is kept") { try $0.trashWindow(of: owner.value) }
  }

  /// How long the trash of owners is kept that say nothing.
  public func standardTrashWindow() async throws(CatalogError) -> Duration {
    let window = try await read(while: "reading how long trash is kept") { database in
      try database.trashWindow(of: TrashWindow.everybody)
    }
    return window ?? .zero
  }

  /// Sets how long an owner's trash is kept, what is in it included; nil has it kept as that of others.
  public func setTrashWindow(
    _ window: Duration?, of owner: AccountName, by actor: Author
  ) async throws(CatalogError) {
    try await write(while: "changing how long the trash of \(owner) is kept") { database in
      let old = try database.trashWindow(of: owner.value)
      guard old != window else { return }
      try database.setTrashWindow(window, of: owner.value)
      try database.keepTrash(
        where: "repository_id IN (SELECT r.id FROM repository r WHERE r.owner = ?)", [owner.value])
      try database.record([
        Change(by: actor).event(
          .trashWindow, owner.value,
          ["from": old?.wholeSeconds ?? "default", "to": window?.wholeSeconds ?? "default"])
      ])
    }
  }

  /// Sets how long the trash of owners is kept that say nothing, what is in it included.
  public func setStandardTrashWindow(_ window: Duration) async throws(CatalogError) {
    try await write(while: "changing how long trash is kept") { database in
      guard try database.trashWindow(of: TrashWindow.everybody) != window else { return }
      try database.setTrashWindow(window, of: TrashWindow.everybody)
      try database.keepTrash(
        where: """
          NOT EXISTS (
            SELECT 1 FROM repository r JOIN trash_window w ON w.owner = r.owner WHERE r.id = repository_id)
          """, [])
    }
  }
}

extension Database {
  fileprivate func trashWindow(of owner: String) throws -> Duration? {
    try value("SELECT milliseconds FROM trash_window WHERE owner = ?", [owner], as: Int64.self)
      .map { .milliseconds($0) }
  }

  fileprivate func setTrashWindow(_ window: Duration?, of owner: String) throws {
    guard let window else {
      try run("DELETE FROM trash_window WHERE owner = ?", [owner])
      return
    }
    let (seconds, attoseconds) = window.components
    try run(
      """
      INSERT INTO trash_window (owner, milliseconds) VALUES (?, ?)
      ON CONFLICT (owner) DO UPDATE SET milliseconds = excluded.milliseconds
      """, [owner, seconds * 1000 + attoseconds / 1_000_000_000_000_000])
  }

  /// Has what is in the trash, and in the history that is kept, be kept for the window of its `repository_id`, where
  /// that fulfils a condition.
  ///
  /// What was let go of is not taken back.
  fileprivate func keepTrash(where condition: String, _ arguments: StatementArguments) throws {
    try run(
      """
      UPDATE trashed SET kept_until = deleted_at + \(TrashWindow.milliseconds(of: "trashed.repository_id"))
      WHERE kept_until > 0 AND \(condition)
      """, arguments)
    try run(
      """
      UPDATE tag SET kept_until = ended_at + \(TrashWindow.milliseconds(of: "tag.repository_id"))
      WHERE kept_until > 0 AND \(condition)
      """, arguments)
  }
}

extension Duration {
  /// For the audit trail, such as `1209600s`.
  fileprivate var wholeSeconds: String { "\(components.seconds)s" }
}
