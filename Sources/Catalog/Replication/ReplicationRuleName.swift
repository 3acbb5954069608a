/// What a replication rule is called.
public struct ReplicationRuleName: Hashable, Sendable, CustomStringConvertible {
  /// The name as it stands in paths and metrics.
  public let value: String

  /// Reads 1 to 64 lower-case letters, digits, `-`, `_` and `.`, the first of them a letter or a digit.
  public init(parsing text: some StringProtocol) throws(InvalidReplicationRuleName) {
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first, Self.isAlphanumeric(first),
      text.utf8.allSatisfy({ Self.isAlphanumeric($0) || Self.joints.contains($0) })
    else { throw InvalidReplicationRuleName() }
    value = String(text)
  }

  private static let joints = Array("-_.".utf8)

  private static func isAlphanumeric(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }

  /// The name.
  public var description: String { value }
}

/// Text that is no name of a replication rule.
public struct InvalidReplicationRuleName: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "the name of a rule has up to 64 lower-case letters, digits, '-', '_' and '.', such as releases"
  }
}
