internal import OCI

/// A line of an input that is neither empty nor a comment.
struct InputLine: Hashable, Sendable {
  /// Counted from 1.
  let number: Int
  /// Without the white space around it.
  let text: String

  /// The lines of texts each of which is one line or a block; lines that begin with `#` are comments.
  static func lines(of texts: [String]) -> [InputLine] {
    let lines = texts.flatMap { $0.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }
    return lines.enumerated().compactMap { index, line in
      let text = trimmed(line)
      return text.isEmpty || text.hasPrefix("#") ? nil : InputLine(number: index + 1, text: text)
    }
  }

  /// The fields between commas; one in double quotes may hold commas, and a quote as two.
  func fields() throws(Fault) -> [String] {
    var fields: [String] = []
    var rest = text[...]
    while true {
      rest = rest.drop(while: \.isWhitespace)
      if rest.first == "\"" {
        fields.append(try Self.quotedField(&rest))
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        fields.append(trimmed(rest[..<end]))
        rest = rest[end...]
      }
      guard !rest.isEmpty else { return fields }
      rest.removeFirst()
    }
  }

  /// Takes a field in quotes, and leaves the comma behind it.
  private static func quotedField(_ rest: inout Substring) throws(Fault) -> String {
    rest.removeFirst()
    var field = ""
    while let character = rest.popFirst() {
      guard character == "\"" else {
        field.append(character)
        continue
      }
      if rest.first == "\"" {
        rest.removeFirst()
        field.append("\"")
      } else {
        rest = rest.drop(while: \.isWhitespace)
        guard rest.isEmpty || rest.first == "," else {
          throw Fault("behind the quote that ends a field is a comma or the end of the line, and not \(quoted(rest))")
        }
        return trimmed(field)
      }
    }
    throw Fault("a quote begins a field, and none ends it")
  }

  /// The fields as attributes: what stands before the first `=` in small letters, or nil where there is no `=`.
  func attributes() throws(Fault) -> [(name: String?, value: String)] {
    try fields().map { field in
      guard let mark = field.firstIndex(of: "="), mark != field.startIndex else { return (nil, field) }
      return (trimmed(field[..<mark]).lowercased(), trimmed(field[field.index(after: mark)...]))
    }
  }
}
