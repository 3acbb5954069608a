/// A tag that is read as a version (Semantic Versioning 2.0.0), with or without a `v`; `3` and `3.18` are versions too.
public struct TagVersion: Hashable, Comparable, Sendable {
  /// Major, minor and patch; what was left out is 0.
  public let numbers: [UInt64]
  /// The identifiers behind the `-`.
  public let prerelease: [String]
  /// How many numbers were written.
  public let precision: Int

  /// Reads a version; nil for text that is none.
  public init?(_ text: String) {
    var rest = text[...]
    if rest.first == "v" || rest.first == "V" { rest.removeFirst() }
    // Tags cannot hold the `+` that begins build metadata.
    let halves = rest.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(part) : nil
    }
    guard (1...3).contains(parts.count), numbers.count == parts.count else { return nil }
    let prerelease =
      halves.count == 2 ? halves[1].split(separator: ".", omittingEmptySubsequences: false).map { String($0) } : []
    guard prerelease.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(numbers, prerelease)
  }

  /// Makes one of its parts; numbers that are left out are 0.
  public init(_ numbers: [UInt64], _ prerelease: [String] = []) {
    self.numbers = numbers + Array(repeating: 0, count: max(0, 3 - numbers.count))
    self.prerelease = prerelease
    precision = numbers.count
  }

  /// The first version that is larger in the number at a place, without what comes behind it.
  public func next(at place: Int) -> TagVersion {
    TagVersion(Array(numbers[..<place]) + [numbers[place] &+ 1])
  }

  /// Orders by precedence (Semantic Versioning, section 11).
  public static func < (left: TagVersion, right: TagVersion) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    guard !left.prerelease.isEmpty, !right.prerelease.isEmpty else {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
      switch (UInt64(one), UInt64(other)) {
      case (let one?, let other?): return one < other
      case (.some, nil): return true
      case (nil, .some): return false
      case (nil, nil): return one < other
      }
    }
    return left.prerelease.count < right.prerelease.count
  }
}
