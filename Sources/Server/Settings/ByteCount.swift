/// A number of bytes, written with a binary (`4MiB`) or decimal (`1GB`) unit or as a plain number.
public struct ByteCount: Hashable, Comparable, Sendable {
  /// The number of bytes, never negative.
  public let bytes: Int

  /// A count of `bytes`, which must not be negative.
  public init(bytes: Int) {
    precondition(bytes >= 0, "a byte count is never negative")
    self.bytes = bytes
  }

  /// A count of `count` binary kilobytes (1,024 bytes).
  public static func kibibytes(_ count: Int) -> Self { Self(bytes: count << 10) }

  /// A count of `count` binary megabytes (1,048,576 bytes).
  public static func mebibytes(_ count: Int) -> Self { Self(bytes: count << 20) }

  /// Orders by size.
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

  /// Units in the order in which `description` tries them: the largest that divides the count is used.
  private static let units: [(name: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
  ]
}

extension ByteCount: SettingValue, CustomStringConvertible {
  static var placeholder: String { "size" }

  /// Parses `4MiB`, `512 KiB`, `1GB` or `4194304`; units are recognised in any letter case.
  public init(parsing text: String) throws(InvalidValue) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text[digits.endIndex...].drop { $0 == " " }.lowercased()
    guard !digits.isEmpty,
      let scale = unit.isEmpty ? 1 : Self.units.first(where: { $0.name.lowercased() == unit })?.bytes
    else {
      throw InvalidValue(
        "\(quoted(text)) is not a size: write bytes as a number with a unit, such as 512KiB, 4MiB or 1GB")
    }
    guard let count = Int(digits), case let (bytes, overflow) = count.multipliedReportingOverflow(by: scale), !overflow
    else {
      throw InvalidValue("\(quoted(text)) is too large: a size has at most 63 bits")
    }
    self.bytes = bytes
  }

  /// The shortest exact form, such as `4MiB`.
  public var description: String {
    guard bytes > 0, let unit = Self.units.first(where: { bytes.isMultiple(of: $0.bytes) }), unit.bytes > 1 else {
      return String(bytes)
    }
    return "\(bytes / unit.bytes)\(unit.name)"
  }
}
