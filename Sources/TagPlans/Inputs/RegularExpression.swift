internal import Foundation
internal import OCI

/// A regular expression as JavaScript and most others write it.
struct RegularExpression: Sendable {
  /// The expression as it was written.
  let source: String
  /// Whether all matches are wanted, and the groups are these.
  let isGlobal: Bool
  /// How many groups in parentheses it has.
  var groups: Int { expression.numberOfCaptureGroups }

  private let expression: NSRegularExpression

  /// Reads an expression without flags.
  init(_ text: String) throws(Fault) {
    try self.init(text, source: text, flags: "")
  }

  /// Reads an expression, or `/expression/flags` with the flags `g`, `i`, `m`, `s` and `u`.
  init(parsingLiteral text: String) throws(Fault) {
    if text.hasPrefix("/"), let end = text.lastIndex(of: "/"), text.index(after: text.startIndex) < end {
      let pattern = text[text.index(after: text.startIndex)..<end]
      try self.init(String(pattern), source: text, flags: text[text.index(after: end)...])
    } else {
      try self.init(text, source: text, flags: "")
    }
  }

  private init(_ pattern: String, source: String, flags: Substring) throws(Fault) {
    var options: NSRegularExpression.Options = []
    var isGlobal = false
    for flag in flags {
      switch flag {
      case "g": isGlobal = true
      case "i": options.insert(.caseInsensitive)
      case "m": options.insert(.anchorsMatchLines)
      case "s": options.insert(.dotMatchesLineSeparators)
      // Characters are always read whole.
      case "u": continue
      default: throw Fault("\(quoted(String(flag))) is no flag of a regular expression; there are g, i, m, s and u")
      }
    }
    do {
      expression = try NSRegularExpression(pattern: pattern, options: options)
    } catch {
      throw Fault(
        "\(quoted(pattern)) is no regular expression; brackets, braces and parentheses come in pairs, and behind a "
          + "backslash where they stand for themselves")
    }
    self.source = source
    self.isGlobal = isGlobal
  }

  /// The first match, which comes first, and its groups, nil for those that took no part; all matches where the flag
  /// `g` asks for them.
  ///
  /// - Returns: nil where nothing matches.
  func match(in text: String) -> [String?]? {
    let whole = text as NSString
    let matches = expression.matches(in: text, range: NSRange(location: 0, length: whole.length))
    guard let first = matches.first else { return nil }
    let ranges = isGlobal ? matches.map(\.range) : (0..<first.numberOfRanges).map(first.range(at:))
    return ranges.map { $0.location == NSNotFound ? nil : whole.substring(with: $0) }
  }
}
