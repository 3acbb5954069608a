internal import OCI

extension Template {
  /// Reads a template.
  ///
  /// - Parameter vocabulary: what may stand in its braces.
  init(parsing text: String, knowing vocabulary: Vocabulary) throws(Fault) {
    var pieces: [Piece] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "{{") {
      let before = rest[..<start.lowerBound]
      guard !before.hasSuffix("$") else {
        throw Fault(
          "${{ … }} is an expression of GitHub's workflows, which is filled in before a step runs; elsewhere write its "
            + "value, or one of \(vocabulary.list)")
      }
      if !before.isEmpty { pieces.append(.text(String(before))) }
      rest = rest[start.upperBound...]
      let isUnescaped = rest.first == "{"
      if isUnescaped { rest.removeFirst() }
      let end = isUnescaped ? "}}}" : "}}"
      guard let close = rest.firstRange(of: end) else {
        throw Fault("an expression that begins with {{ ends with }}, and \(quoted(text)) has one that does not")
      }
      pieces.append(
        try Self.expression(String(rest[..<close.lowerBound]), isEscaped: !isUnescaped, knowing: vocabulary))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    self.init(source: text, pieces: pieces)
  }

  private static func expression(
    _ text: String, isEscaped: Bool, knowing vocabulary: Vocabulary
  ) throws(Fault) -> Piece {
    let words = try words(of: text)
    guard let first = words.first, case .bare(let name) = first else {
      throw Fault("\(quoted(text)) is no expression; there are \(vocabulary.list)")
    }
    if vocabulary.hasDates, let date = DateExpression.Name(rawValue: name) {
      return .date(try DateExpression(date, words: words.dropFirst()))
    }
    guard let value = Value(rawValue: name), vocabulary.values.contains(value) else {
      throw Fault("{{\(trimmed(text))}} is not known here; there are \(vocabulary.list)")
    }
    guard words.count == 1 else { throw Fault("{{\(name)}} stands alone, and \(quoted(text)) says more") }
    return .value(value, isEscaped: isEscaped)
  }

  /// A part of an expression.
  enum Word: Hashable {
    case bare(String)
    case quoted(String)
    /// A `name='text'`.
    case named(String, String)
  }

  private static func words(of text: String) throws(Fault) -> [Word] {
    var words: [Word] = []
    var rest = text.drop(while: \.isWhitespace)
    while let first = rest.first {
      if first == "'" || first == "\"" {
        words.append(.quoted(try quotedText(&rest, of: text)))
      } else {
        let end = rest.firstIndex { $0.isWhitespace || $0 == "=" } ?? rest.endIndex
        let name = String(rest[..<end])
        rest = rest[end...]
        if rest.first == "=" {
          rest.removeFirst()
          words.append(.named(name, try quotedText(&rest, of: text)))
        } else {
          words.append(.bare(name))
        }
      }
      rest = rest.drop(while: \.isWhitespace)
    }
    return words
  }

  private static func quotedText(_ rest: inout Substring, of text: String) throws(Fault) -> String {
    guard let quote = rest.popFirst(), quote == "'" || quote == "\"", let end = rest.firstIndex(of: quote) else {
      throw Fault(
        "texts in expressions stand in quotes, as in {{date 'YYYYMMDD' tz='UTC'}}, and not as in \(quoted(text))")
    }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }
}
