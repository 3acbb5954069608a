/// A name for a manifest within a repository (OCI distribution spec, "Pulling manifests", `<reference>` as a tag).
public struct Tag: Hashable, Sendable {
  /// The longest tag, in bytes.
  public static let maximumLength = 128

  /// The tag as it stands in paths.
  public let value: String

  /// Reads 1 to 128 letters, digits, `_`, `.` and `-`, the first of them no `.` or `-`.
  public init(parsing text: some StringProtocol) throws(InvalidTag) {
    guard let first = text.utf8.first else { throw InvalidTag(text, "it is empty") }
    guard text.utf8.count <= Self.maximumLength else {
      throw InvalidTag(text, "it is \(text.utf8.count) bytes long, and \(Self.maximumLength) are the limit")
    }
    guard text.utf8.allSatisfy({ Self.isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }) else {
      throw InvalidTag(text, "only letters, digits, '_', '.' and '-' may stand in it")
    }
    guard Self.isWord(first) else { throw InvalidTag(text, "it begins with '.' or '-'") }
    value = String(text)
  }

  init(known value: String) {
    self.value = value
  }

  private static func isWord(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension Tag: CustomStringConvertible {
  /// The tag as it stands in paths.
  public var description: String { value }
}

/// Why a text is not a tag.
public struct InvalidTag: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol, _ reason: String) {
    description = "\(quoted(text)) is not a tag: \(reason); a tag reads like latest or v1.2.3"
  }
}
