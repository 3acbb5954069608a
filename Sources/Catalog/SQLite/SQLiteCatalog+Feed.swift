internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// The last event that a reader has read; one that is new has read all there are, and reads from here on.
  public func position(of reader: FeedReader) async throws(CatalogError) -> Int64 {
    let position = try await write(while: "looking for where \(reader.rawValue) reads on") { database in
      try database.beginReading(reader)
      return try database.value("SELECT event_id FROM feed_reader WHERE name = ?", [reader.rawValue], as: Int64.self)
    }
    return position ?? 0
  }

  /// The events after one, oldest first.
  public func auditEvents(after id: Int64, limit: Int) async throws(CatalogError) -> [AuditEvent] {
    try await read(while: "reading the audit trail on") { database in
      try database.all(
        "SELECT \(AuditEvent.columns) FROM audit WHERE id > ? ORDER BY id LIMIT ?", [id, limit]
      ) { try $0.auditEvent() }
    }
  }

  /// Remembers how far a reader has read; it never goes back. It need not survive power loss.
  public func move(_ reader: FeedReader, to id: Int64) async throws(CatalogError) {
    try await write(.relaxed, while: "recording how far \(reader.rawValue) has read") { database in
      try database.move(reader, to: id)
    }
  }

  /// Forgets a reader: no event is kept for it any more.
  public func forget(_ reader: FeedReader) async throws(CatalogError) {
    try await write(while: "forgetting where \(reader.rawValue) reads on") { database in
      try database.run("DELETE FROM feed_reader WHERE name = ?", [reader.rawValue])
    }
  }
}

extension Database {
  /// Has a reader that is new begin where the feed ends.
  func beginReading(_ reader: FeedReader) throws {
    try run(
      """
      INSERT INTO feed_reader (name, event_id) SELECT ?, COALESCE((SELECT MAX(id) FROM audit), 0) WHERE true
      ON CONFLICT (name) DO NOTHING
      """, [reader.rawValue])
  }

  func move(_ reader: FeedReader, to id: Int64) throws {
    try run("UPDATE feed_reader SET event_id = ? WHERE name = ? AND event_id < ?", [id, reader.rawValue, id])
  }
}
