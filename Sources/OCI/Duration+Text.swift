extension Duration {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
  ]

  /// Reads whole numbers with units, the largest unit first: `90s`, `15m`, `24h`, `7d`, `1h30m`, `250ms`.
  public init(text: String) throws(InvalidDuration) {
    var rest = text[...]
    var remainingUnits = Self.units[...]
    var total: Int64 = 0
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let name = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
      guard !digits.isEmpty, let unit = remainingUnits.firstIndex(where: { $0.name == name }) else {
        throw InvalidDuration(
          description: "\(quoted(text)) is not a duration: write whole numbers with the units d, h, m, s or ms, "
            + "such as 90s, 24h or 1h30m")
      }
      guard let count = Int64(digits),
        case let (part, tooLarge) = count.multipliedReportingOverflow(by: Self.units[unit].milliseconds), !tooLarge,
        case let (sum, overflow) = total.addingReportingOverflow(part), !overflow
      else {
        throw InvalidDuration(description: "\(quoted(text)) is too long for a duration")
      }
      total = sum
      remainingUnits = remainingUnits[(unit + 1)...]
      rest = rest[name.endIndex...]
    } while !rest.isEmpty
    self = .milliseconds(total)
  }

  /// The form that `init(text:)` reads, such as `1h30m`; parts below a millisecond are not shown.
  public var text: String {
    var rest = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    var text = ""
    for unit in Self.units where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text.isEmpty ? "0s" : text
  }
}

/// Text that is no duration.
public struct InvalidDuration: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String
}
