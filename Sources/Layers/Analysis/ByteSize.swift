/// A number of bytes as people write it.
enum ByteSize {
  private static let prefixes = Array("kmgtpe")

  /// Reads a number and a unit, in any case: `B`, `kB` and so on by thousands, `KiB` and so on by 1024, without the `B`
  /// as well.
  ///
  /// - Returns: The bytes, rounded down, or nil for a text that is no size of less than 2^63 bytes.
  static func parse(_ text: String) -> Int64? {
    let text = text.trimmingSpaces()
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ",") }
    guard let number = Double(digits.filter { $0 != "," }),
      let factor = factor(text.dropFirst(digits.count).trimmingSpaces().lowercased())
    else { return nil }
    return Int64(exactly: (number * factor).rounded(.down))
  }

  private static func factor(_ unit: String) -> Double? {
    if unit.isEmpty || unit == "b" { return 1 }
    guard let prefix = unit.first, let power = prefixes.firstIndex(of: prefix) else { return nil }
    let base: Double
    switch unit.dropFirst() {
    case "", "b": base = 1000
    case "i", "ib": base = 1024
    default: return nil
    }
    return (0...power).reduce(1) { factor, _ in factor * base }
  }
}

extension StringProtocol {
  fileprivate func trimmingSpaces() -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(String(drop(while: isSpace)).reversed().drop(while: isSpace).reversed())
  }
}
