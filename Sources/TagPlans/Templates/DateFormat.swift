internal import OCI

/// How a moment is written, in the letters of Moment.js: `YYYYMMDD-HHmmss`.
///
/// What stands in brackets, and every letter that is none of them, is written as it is.
struct DateFormat: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text(String)
    case field(String)
  }

  /// The date and the time with the offset from UTC, as RFC 3339 has them.
  static let standard = DateFormat("YYYY-MM-DDTHH:mm:ss", zone: true)

  private let pieces: [Piece]
  private let endsWithZone: Bool

  /// Whether the short name of the zone is asked for.
  var namesZone: Bool { pieces.contains(.field("z")) || pieces.contains(.field("zz")) }

  /// Reads a format; any text is one.
  init(_ text: String) {
    self.init(text, zone: false)
  }

  private init(_ text: String, zone: Bool) {
    endsWithZone = zone
    var pieces: [Piece] = []
    var rest = Self.expanded(text)[...]
    while let first = rest.first {
      if first == "[", let end = rest.firstIndex(of: "]") {
        pieces.append(.text(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
      } else if first == "\\" {
        rest.removeFirst()
        if let next = rest.popFirst() { pieces.append(.text(String(next))) }
      } else if let field = Self.fields.first(where: { rest.hasPrefix($0) }) {
        pieces.append(.field(field))
        rest = rest.dropFirst(field.count)
      } else {
        rest.removeFirst()
        pieces.append(.text(String(first)))
      }
    }
    self.pieces = pieces
  }

  /// Longer ones first, because what one of them begins with may be another one.
  private static let fields = [
    "SSSSSSSSS", "SSSSSSSS", "SSSSSSS", "SSSSSS", "YYYYYY", "SSSSS", "YYYY", "MMMM", "DDDD", "DDDo", "dddd", "gggg",
    "GGGG", "SSSS", "Hmmss", "hmmss", "MMM", "DDD", "ddd", "SSS", "Hmm", "hmm", "YY", "Mo", "MM", "Qo", "Do", "DD",
    "do", "dd", "wo", "ww", "Wo", "WW", "gg", "GG", "HH", "hh", "kk", "mm", "ss", "SS", "ZZ", "zz", "Y", "M", "Q", "D",
    "d", "e", "E", "w", "W", "A", "a", "H", "h", "k", "m", "s", "S", "X", "x", "Z", "z",
  ].sorted { $0.count > $1.count }

  /// The formats that are names of others, as they are in English.
  private static let names = [
    ("LTS", "h:mm:ss A"), ("LT", "h:mm A"), ("LLLL", "dddd, MMMM D, YYYY h:mm A"), ("LLL", "MMMM D, YYYY h:mm A"),
    ("LL", "MMMM D, YYYY"), ("L", "MM/DD/YYYY"), ("llll", "ddd, MMM D, YYYY h:mm A"), ("lll", "MMM D, YYYY h:mm A"),
    ("ll", "MMM D, YYYY"), ("l", "M/D/YYYY"),
  ]

  private static func expanded(_ text: String) -> String {
    var (expanded, rest) = ("", text[...])
    while let first = rest.first {
      if first == "[", let end = rest.firstIndex(of: "]") {
        expanded += rest[...end]
        rest = rest[rest.index(after: end)...]
      } else if let (name, format) = names.first(where: { rest.hasPrefix($0.0) }) {
        expanded += format
        rest = rest.dropFirst(name.count)
      } else {
        expanded.append(first)
        rest.removeFirst()
      }
    }
    return expanded
  }

  /// The moment as clocks show it that are so far ahead of UTC.
  func text(of moment: Timestamp, secondsFromUTC: Int) -> String {
    let fields = DateFields(moment, secondsFromUTC: secondsFromUTC)
    let text = pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(let field): fields.text(of: field)
      }
    }.joined()
    guard endsWithZone else { return text }
    return text + (secondsFromUTC == 0 ? "Z" : fields.text(of: "Z"))
  }
}
