internal import GRDB

/// Values for one SQL column, in lists of few different lengths, so that few statements are prepared for them.
///
/// A list is filled up to a power of two by saying its last value again, which neither `IN` nor an insertion that does
/// nothing on conflict minds.
struct ValueLists<Value: DatabaseValueConvertible> {
  /// Below SQLite's and PostgreSQL's limits on parameters, five of them for each value.
  private static var longest: Int { 512 }

  private let values: [Value]

  init(_ values: some Sequence<Value>) {
    self.values = Array(values)
  }

  /// Calls the body for each list, with as many question marks, or rows of one question mark, and with the values.
  func forEach(each mark: String = "?", _ body: (_ marks: String, _ values: [Value]) throws -> Void) rethrows {
    var rest = values[...]
    while let last = rest.prefix(Self.longest).last {
      var list = Array(rest.prefix(Self.longest))
      rest = rest.dropFirst(list.count)
      var length = 1
      while length < list.count { length *= 2 }
      list.append(contentsOf: repeatElement(last, count: length - list.count))
      try body(repeatElement(mark, count: length).joined(separator: ","), list)
    }
  }
}

/// Rows of values for one statement, in lists of few different lengths, so that few statements are prepared for them.
///
/// A list is filled up to a power of two by rows of NULL, which the statement has to leave out.
struct ValueRows {
  /// Below SQLite's and PostgreSQL's limits on parameters, ten of them for each row.
  private static let longest = 512

  private let rows: [[DatabaseValue]]

  /// Takes rows of the same length, whose first value is never NULL.
  init(_ rows: [[(any DatabaseValueConvertible)?]]) {
    self.rows = rows.map { row in row.map { $0?.databaseValue ?? .null } }
  }

  /// Calls the body for each list, with as many rows of question marks, and with the values.
  func forEach(_ body: (_ marks: String, _ values: StatementArguments) throws -> Void) rethrows {
    var rest = rows[...]
    while let first = rest.first {
      let list = rest.prefix(Self.longest)
      rest = rest.dropFirst(list.count)
      var length = 1
      while length < list.count { length *= 2 }
      let marks = "(\(repeatElement("?", count: first.count).joined(separator: ",")))"
      var values = Array(list.joined())
      values.append(contentsOf: repeatElement(.null, count: length * first.count - values.count))
      try body(repeatElement(marks, count: length).joined(separator: ","), StatementArguments(values))
    }
  }
}

extension Database {
  /// Runs a statement that is kept prepared.
  ///
  /// - Returns: how many rows it changed, triggers left out.
  @discardableResult
  func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
    try cachedStatement(sql: sql).execute(arguments: arguments)
    return changesCount
  }

  /// The first column of the first row, or nil where there is none.
  func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
    _ sql: String, _ arguments: StatementArguments = [], as type: Value.Type = Value.self
  ) throws -> Value? {
    try Value.fetchOne(cachedStatement(sql: sql), arguments: arguments)
  }

  /// The first row made into something, or nil where there is none.
  func first<Element>(
    _ sql: String, _ arguments: StatementArguments = [], _ make: (Row) throws -> Element
  ) throws -> Element? {
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    return try rows.next().map(make)
  }

  /// The first rows that can be made into something, up to a number; rows behind them are not looked for.
  func first<Element>(
    _ limit: Int, of sql: String, _ arguments: StatementArguments, _ make: (Row) throws -> Element?
  ) throws -> [Element] {
    var elements: [Element] = []
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    while elements.count < limit, let row = try rows.next() {
      if let element = try make(row) { elements.append(element) }
    }
    return elements
  }

  /// All rows, each made into something.
  func all<Element>(
    _ sql: String, _ arguments: StatementArguments = [], _ make: (Row) throws -> Element
  ) throws -> [Element] {
    var elements: [Element] = []
    let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
    while let row = try rows.next() {
      elements.append(try make(row))
    }
    return elements
  }
}
