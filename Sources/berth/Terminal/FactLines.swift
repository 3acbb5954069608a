/// Names and values, a line for each.
enum FactLines {
  /// The lines, values in one column; what a terminal would obey is written out.
  static func text(_ facts: [(name: String, value: String)]) -> String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.map { name, value in
      PlainText.line(name) + String(repeating: " ", count: width - name.count) + "  " + PlainText.line(value)
    }
    .joined(separator: "\n")
  }
}
