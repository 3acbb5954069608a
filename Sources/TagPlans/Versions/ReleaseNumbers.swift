/// The numbers of a release, by which releases are ordered.
struct ReleaseNumbers: Hashable, Sendable, CustomStringConvertible {
  /// From the major one down, as many as are known.
  let numbers: [UInt64]
  /// Whether it comes before the release of the same numbers.
  let isPrerelease: Bool

  init(_ numbers: [UInt64], isPrerelease: Bool = false) {
    self.numbers = numbers
    self.isPrerelease = isPrerelease
  }

  init(_ version: SemanticVersion) {
    self.init([version.major, version.minor, version.patch], isPrerelease: !version.prerelease.isEmpty)
  }

  /// Whether it is a later release, as far as the numbers of both are known.
  func isAfter(_ other: ReleaseNumbers) -> Bool {
    for (one, another) in zip(numbers, other.numbers) where one != another { return one > another }
    guard numbers.count >= other.numbers.count else { return false }
    // Behind three numbers a version is whole, and what is left out is 0.
    if other.numbers.count >= 3, numbers.dropFirst(other.numbers.count).contains(where: { $0 > 0 }) { return true }
    return other.isPrerelease && !isPrerelease
  }

  /// The number at a place, 0 where it is not known.
  func number(_ place: Int) -> UInt64 {
    place < numbers.count ? numbers[place] : 0
  }

  var description: String { numbers.map { "\($0)" }.joined(separator: ".") }
}
