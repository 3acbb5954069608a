/// What a rule is called: people read it in refusals and write it in commands.
public struct RuleName: Hashable, Sendable, CustomStringConvertible {
  /// The name as it stands in paths.
  public let value: String

  /// Reads 1 to 64 letters, digits, `_`, `.` and `-`, the first of them a letter or a digit.
  public init(parsing text: some StringProtocol) throws(InvalidRuleName) {
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first, Self.isAlphanumeric(first),
      text.utf8.allSatisfy({ Self.isAlphanumeric($0) || "._-".utf8.contains($0) })
    else { throw InvalidRuleName() }
    value = String(text)
  }

  /// The name.
  public var description: String { value }

  private static func isAlphanumeric(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// Text that is no rule's name.
public struct InvalidRuleName: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a rule's name has 1 to 64 letters, digits, '_', '.' and '-', the first a letter or a digit, such as release"
  }
}
