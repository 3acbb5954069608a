public import OCI

/// Which versions are wanted: `>=1.2 <2`, `^1.2`, `~1.2`, `1.2.x`, `1 || 2`, as npm and Cargo write them.
///
/// A pre-release is only in a range one of whose bounds is a pre-release of the same version.
public struct VersionRange: Hashable, Sendable, CustomStringConvertible {
  private struct Bound: Hashable, Sendable {
    enum Relation: Hashable, Sendable {
      case less, lessOrEqual, equal, greaterOrEqual, greater
    }

    let relation: Relation
    let version: TagVersion

    func admits(_ version: TagVersion) -> Bool {
      switch relation {
      case .less: version < self.version
      case .lessOrEqual: version <= self.version
      case .equal: version.numbers == self.version.numbers && version.prerelease == self.version.prerelease
      case .greaterOrEqual: version >= self.version
      case .greater: version > self.version
      }
    }
  }

  /// The range as it was written.
  public let description: String
  /// Of one of these, all bounds must hold.
  private let alternatives: [[Bound]]

  /// Reads a range.
  ///
  /// - Throws: `InvalidSyncRule` with what a range looks like.
  public init(parsing text: String) throws(InvalidSyncRule) {
    var alternatives: [[Bound]] = []
    for part in text.split(separator: "||", omittingEmptySubsequences: false) {
      let words = part.split { $0 == " " || $0 == "," }
      guard !words.isEmpty else { throw Self.invalid(text) }
      var bounds: [Bound] = []
      for word in words {
        guard let read = Self.bounds(word) else { throw Self.invalid(text) }
        bounds += read
      }
      alternatives.append(bounds)
    }
    description = text
    self.alternatives = alternatives
  }

  /// Whether a tag is a version in the range.
  public func contains(_ tag: Tag) -> Bool {
    guard let version = TagVersion(tag.value) else { return false }
    return alternatives.contains { bounds in
      guard bounds.allSatisfy({ $0.admits(version) }) else { return false }
      return version.prerelease.isEmpty
        || bounds.contains { !$0.version.prerelease.isEmpty && $0.version.numbers == version.numbers }
    }
  }

  private static func invalid(_ text: String) -> InvalidSyncRule {
    InvalidSyncRule(
      "\(quoted(text)) is no range of versions; a range reads like '>=1.2 <2', '^1.2', '~1.2.3', '1.2.x' or '1 || 2'")
  }

  private static func bounds(_ word: Substring) -> [Bound]? {
    let operators = [">=", "<=", ">", "<", "=", "^", "~"]
    let sign = operators.first { word.hasPrefix($0) }
    var text = word.dropFirst(sign?.count ?? 0)
    if text == "*" || text == "x" {
      return sign == nil ? [Bound(relation: .greaterOrEqual, version: TagVersion([0]))] : nil
    }
    while text.hasSuffix(".x") || text.hasSuffix(".*") { text = text.dropLast(2) }
    guard let version = TagVersion(String(text)) else { return nil }
    // What is left out stands for any number: `1.2` is all of 1.2.x, and `>1.2` begins at 1.3.
    let end = version.next(at: version.precision - 1)
    let isExact = version.precision == 3
    func bound(_ relation: Bound.Relation, _ version: TagVersion) -> Bound {
      Bound(relation: relation, version: version)
    }
    switch sign {
    case ">=": return [bound(.greaterOrEqual, version)]
    case ">": return [isExact ? bound(.greater, version) : bound(.greaterOrEqual, end)]
    case "<": return [bound(.less, version)]
    case "<=": return [isExact ? bound(.lessOrEqual, version) : bound(.less, end)]
    case "^":
      let place = version.numbers.firstIndex { $0 > 0 } ?? (version.precision - 1)
      return [bound(.greaterOrEqual, version), bound(.less, version.next(at: min(place, version.precision - 1)))]
    case "~": return [bound(.greaterOrEqual, version), bound(.less, version.next(at: min(1, version.precision - 1)))]
    default:
      return isExact ? [bound(.equal, version)] : [bound(.greaterOrEqual, version), bound(.less, end)]
    }
  }
}
