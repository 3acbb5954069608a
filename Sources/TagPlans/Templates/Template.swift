internal import OCI

/// A text with expressions in braces, such as `v{{major}}.{{minor}}`.
struct Template: Hashable, Sendable {
  /// A part of a template.
  enum Piece: Hashable, Sendable {
    case text(String)
    case value(Value, isEscaped: Bool)
    case date(DateExpression)
  }

  /// What the pieces are replaced by.
  struct Values {
    /// The texts of the values that there are; what is not there is empty.
    var texts: [Value: String]
    /// The moments of the dates.
    var moments: [DateExpression.Name: Timestamp]
  }

  /// A template of nothing.
  static let empty = Template(source: "", pieces: [])

  /// The template as it was written.
  let source: String
  let pieces: [Piece]

  /// Whether it is the version as it was written, and nothing else.
  var isRawOnly: Bool {
    if pieces.count == 1, case .value(.raw, _) = pieces[0] { true } else { false }
  }

  /// The text with values for the expressions.
  func text(_ values: Values) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .value(let value, let isEscaped):
        isEscaped ? Self.escaped(values.texts[value] ?? "") : values.texts[value] ?? ""
      case .date(let date): values.moments[date.name].map { Self.escaped(date.text(of: $0)) } ?? ""
      }
    }.joined()
  }

  /// What is in two braces is written as in HTML; the sanitizing of tags then makes `&amp;` a part of the tag.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#x27;"
      case "`": escaped += "&#x60;"
      case "=": escaped += "&#x3D;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}

extension Template {
  /// The values that templates know.
  enum Value: String, CaseIterable, Sendable {
    case branch, tag, sha
    case baseRef = "base_ref"
    case isDefaultBranch = "is_default_branch"
    case isNotDefaultBranch = "is_not_default_branch"
    case raw, version, major, minor, patch
  }

  /// The expressions that a template may hold, which depends on where it stands.
  struct Vocabulary: Sendable {
    let values: Set<Value>
    let hasDates: Bool

    /// What is known of a build.
    static let global = Vocabulary(
      values: [.branch, .tag, .sha, .baseRef, .isDefaultBranch, .isNotDefaultBranch], hasDates: true)
    /// Dates alone.
    static let dates = Vocabulary(values: [], hasDates: true)
    /// The parts of a version.
    static let version = Vocabulary(values: [.raw, .version, .major, .minor, .patch], hasDates: false)

    /// The expressions as a message lists them.
    var list: String {
      let names = Value.allCases.filter(values.contains).map { "{{\($0.rawValue)}}" }
      let dates = hasDates ? ["{{date 'YYYYMMDD'}}", "{{commit_date 'YYYYMMDD'}}"] : []
      return (names + dates).joined(separator: ", ")
    }
  }
}
