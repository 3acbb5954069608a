internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Records events that belong to no change of the catalogue, such as attempts that were denied. It need not survive
  /// power loss.
  public func record(_ events: [AuditEvent]) async throws(CatalogError) {
    guard !events.isEmpty else { return }
    try await write(.relaxed, while: "recording events of the audit trail") { try $0.record(events) }
  }

  /// Events, newest first.
  public func auditEvents(_ query: AuditQuery) async throws(CatalogError) -> [AuditEvent] {
    try await read(while: "reading the audit trail") { database in
      let (condition, arguments) = query.condition
      return try database.all(
        """
        SELECT \(AuditEvent.columns) FROM audit WHERE \(condition) ORDER BY at DESC, id DESC LIMIT ?
        """, arguments + [query.limit]
      ) { try $0.auditEvent() }
    }
  }

  /// Events that were not yet exported, oldest first.
  public func unexportedAuditEvents(limit: Int) async throws(CatalogError) -> [AuditEvent] {
    try await read(while: "reading what is to be exported of the audit trail") { database in
      try database.all(
        """
        SELECT \(AuditEvent.columns) FROM audit
        WHERE id > COALESCE((SELECT event_id FROM audit_export WHERE id = 1), 0) ORDER BY id LIMIT ?
        """, [limit]
      ) { try $0.auditEvent() }
    }
  }

  /// Remembers that the events up to this one are exported.
  public func auditExported(through id: Int64) async throws(CatalogError) {
    try await write(while: "recording what was exported of the audit trail") { database in
      try database.run(
        """
        INSERT INTO audit_export (id, event_id) VALUES (1, ?)
        ON CONFLICT (id) DO UPDATE SET event_id = MAX(event_id, excluded.event_id)
        """, [id])
    }
  }

  /// Removes events that happened before a moment and that all readers of the feed have read, the oldest first, up to a
  /// number.
  ///
  /// - Returns: how many there were.
  public func removeAuditEvents(before moment: Timestamp, limit: Int) async throws(CatalogError) -> Int {
    try await write(while: "removing old events of the audit trail") { database in
      try database.run(
        """
        DELETE FROM audit WHERE id IN (
          SELECT id FROM audit
          WHERE at < ? AND id <= COALESCE((SELECT MIN(event_id) FROM feed_reader), id) ORDER BY at, id LIMIT ?)
        """, [moment.milliseconds, limit])
    }
  }
}

extension AuditQuery {
  /// What an event has to fulfil.
  ///
  /// The index that is walked is that of the condition that leaves the fewest events, which the `+` of the others sees
  /// to. It ends with `at` and the row, so that a page begins where the one before it ended.
  fileprivate var condition: (sql: String, arguments: StatementArguments) {
    var terms: [String] = []
    var arguments: StatementArguments = []
    for (column, value) in [("repository", repository), ("actor", actor), ("outcome", outcome?.rawValue)] {
      guard let value else { continue }
      terms.append("\(terms.isEmpty ? "" : "+")\(column) = ?")
      arguments += [value]
    }
    terms.append("at >= ? AND \(before == nil ? "" : "+")at < ?")
    arguments += [since?.milliseconds ?? .min, until?.milliseconds ?? .max]
    if let before {
      terms.append("(at, id) < (SELECT last.at, last.id FROM audit last WHERE last.id = ?)")
      arguments += [before]
    }
    return (terms.joined(separator: " AND "), arguments)
  }
}
