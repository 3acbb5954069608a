/// A version by Semantic Versioning 2.0.0, with or without a `v` before it.
struct SemanticVersion: Hashable, Sendable {
  /// Of each number; it is what JavaScript counts to exactly.
  private static let largestNumber: UInt64 = (1 << 53) - 1
  private static let maximumLength = 256

  /// The version as it was written.
  let raw: String
  let major: UInt64
  let minor: UInt64
  let patch: UInt64
  /// The identifiers behind the `-`.
  let prerelease: [String]

  /// The version without `v` and without build metadata.
  var normalized: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
  }

  /// Reads a version; nil for text that is none.
  init?(_ text: String) {
    raw = trimmed(text)
    guard raw.utf8.count <= Self.maximumLength else { return nil }
    var rest = raw[...]
    if rest.first == "v" { rest.removeFirst() }
    if let plus = rest.firstIndex(of: "+") {
      guard Self.identifiers(rest[rest.index(after: plus)...]) != nil else { return nil }
      rest = rest[..<plus]
    }
    if let dash = rest.firstIndex(of: "-") {
      guard let prerelease = Self.identifiers(rest[rest.index(after: dash)...]),
        prerelease.allSatisfy({ !Self.isNumeric($0) || Self.number($0[...]) != nil })
      else { return nil }
      self.prerelease = prerelease
      rest = rest[..<dash]
    } else {
      prerelease = []
    }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap(Self.number)
    guard parts.count == 3, numbers.count == 3 else { return nil }
    (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
  }

  private static func identifiers(_ text: Substring) -> [String]? {
    let identifiers = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
    let areWellFormed = identifiers.allSatisfy { identifier in
      !identifier.isEmpty && identifier.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }
    return areWellFormed ? identifiers : nil
  }

  private static func isNumeric(_ text: String) -> Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) } }

  /// A number without zeros before it.
  private static func number(_ text: Substring) -> UInt64? {
    guard isNumeric(String(text)), text.count == 1 || text.first != "0", let number = UInt64(text) else { return nil }
    return number <= largestNumber ? number : nil
  }
}
