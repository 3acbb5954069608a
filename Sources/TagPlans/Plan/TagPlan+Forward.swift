public import OCI

/// A tag that would move backwards, and what keeps it where it is.
public struct HeldTag: Hashable, Sendable {
  /// The tag of the plan.
  public let tag: Tag
  /// The tag of the highest version that the tag belongs to.
  public let holder: Tag
}

extension TagPlan {
  /// The tags of the plan that belong to a higher version, of which the registry has a tag.
  ///
  /// A tag belongs to the highest version that the same rule would make it of: `1` to the highest 1.x.y, `latest` to
  /// the highest of all. Versions are read in tags that look like the plan's own, prefix and suffix included, by the
  /// rules that tell most of a version; pre-releases hold nothing. A plan without a version holds nothing back.
  ///
  /// - Parameter existing: the tags that the repository has.
  public func held(by existing: [Tag]) -> [HeldTag] {
    let sources = planned.compactMap { VersionSource($0.origin) }
    guard let precision = sources.map(\.shape.precision).max() else { return [] }
    let sharpest = sources.filter { $0.shape.precision == precision }
    guard let release = sharpest.first?.release else { return [] }
    let later = existing.compactMap { tag in
      sharpest.lazy.compactMap { $0.shape.release(of: tag) }.first.map { (tag: tag, release: $0) }
    }.filter { $0.release.isAfter(release) }.sorted { $0.release.isAfter($1.release) }
    return planned.compactMap { planned in
      later.first { planned.belongs(to: $0.release, ratherThanTo: release) }
        .map { HeldTag(tag: planned.tag, holder: $0.tag) }
    }
  }
}

/// A tag of the plan that tells a version.
private struct VersionSource {
  let release: ReleaseNumbers
  let shape: VersionShape

  init?(_ origin: TagOrigin) {
    let (template, leastNumbers): (Template, Int)
    switch origin.kind {
    case .version(let pattern, let release, let count), .unstable(let pattern, let release, let count):
      (template, self.release, leastNumbers) = (pattern, release, count)
    case .name(let name):
      guard let (pattern, release) = Self.version(in: name) else { return nil }
      (template, self.release, leastNumbers) = (pattern, release, 3)
    case .latest, .other: return nil
    }
    let shape = VersionShape(
      template, prefix: origin.prefix, suffix: origin.suffix, leastNumbers: leastNumbers)
    guard let shape else { return nil }
    self.shape = shape
  }

  /// The version that a name is, and what makes such names of versions: a whole one, or two numbers.
  private static func version(in name: String) -> (Template, ReleaseNumbers)? {
    if let version = SemanticVersion(name) { return (.raw, ReleaseNumbers(version)) }
    let hasLetter = name.hasPrefix("v")
    let parts = name.dropFirst(hasLetter ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt64($0) }
    guard parts.count == 2, numbers.count == 2 else { return nil }
    return (hasLetter ? .shortWithLetter : .short, ReleaseNumbers(numbers))
  }
}

extension Template {
  fileprivate static let raw = Template(source: "{{raw}}", pieces: [.value(.raw, isEscaped: true)])
  fileprivate static let short = Template(
    source: "{{major}}.{{minor}}",
    pieces: [.value(.major, isEscaped: true), .text("."), .value(.minor, isEscaped: true)])
  fileprivate static let shortWithLetter = Template(source: "v" + short.source, pieces: [.text("v")] + short.pieces)

  /// Whether a later version leaves what the template makes as it is.
  fileprivate func isSame(of one: ReleaseNumbers, and other: ReleaseNumbers) -> Bool {
    pieces.allSatisfy { piece in
      switch piece {
      case .text, .date: true
      case .value(.major, _): one.number(0) == other.number(0)
      case .value(.minor, _): one.numbers.count > 1 && one.number(1) == other.number(1)
      case .value(.patch, _): one.numbers.count > 2 && one.number(2) == other.number(2)
      case .value: false
      }
    }
  }
}

extension PlannedTag {
  /// Whether it is a tag that a later release takes from one.
  fileprivate func belongs(to later: ReleaseNumbers, ratherThanTo release: ReleaseNumbers) -> Bool {
    switch origin.kind {
    case .latest: return true
    case .other: return tag == .latest
    case .unstable: return false
    case .version(let template, _, _): return template.isSame(of: later, and: release)
    case .name(let name):
      let digits = name.hasPrefix("v") ? name.dropFirst() : name[...]
      let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { UInt64($0) }
      guard numbers.count == parts.count, numbers.count < release.numbers.count else { return false }
      return release.numbers.starts(with: numbers) && later.numbers.starts(with: numbers)
    }
  }
}
