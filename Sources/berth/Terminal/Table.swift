/// Rows of text under a header, each column as wide as its widest cell.
struct Table {
  private var rows: [[String]]

  /// Begins with the names of the columns.
  init(_ header: String...) {
    rows = [header]
  }

  /// Adds a row, which has a cell for each column; what a terminal would obey is written out.
  mutating func add(_ cells: String...) {
    precondition(cells.count == rows[0].count, "a row has a cell for each column")
    rows.append(cells.map(PlainText.line))
  }

  /// The lines, without a line feed behind the last.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      let line = cells.joined(separator: "  ")
      return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
    }
    .joined(separator: "\n")
  }
}
