internal import GRDB
internal import GRDBSQLite
internal import OCI

/// The rows of a statement, whose columns are read from SQLite itself: what a `Row` costs for each is too much where there
/// are a million.
struct ColumnCursor {
  private let rows: RowCursor
  private let statement: SQLiteStatement

  init(_ database: Database, _ sql: String, _ arguments: StatementArguments) throws {
    let statement = try database.cachedStatement(sql: sql)
    rows = try Row.fetchCursor(statement, arguments: arguments)
    self.statement = statement.sqliteStatement
  }

  /// Goes to the next row, of which the columns are read from then on.
  ///
  /// - Returns: whether there is one.
  func next() throws -> Bool { try rows.next() != nil }

  func isNull(at index: Int32) -> Bool { sqlite3_column_type(statement, index) == SQLITE_NULL }

  func integer(at index: Int32) -> Int64 { sqlite3_column_int64(statement, index) }

  func moment(at index: Int32) -> Timestamp { Timestamp(milliseconds: integer(at: index)) }

  func digest(at index: Int32) throws -> Digest {
    let bytes = sqlite3_column_blob(statement, index)
    return try Digest(
      key: UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, index))))
  }

  func tag(at index: Int32) throws -> Tag {
    guard let text = sqlite3_column_text(statement, index) else { throw CorruptColumn("a tag without a name") }
    return try Tag(parsing: String(cString: text))
  }
}
