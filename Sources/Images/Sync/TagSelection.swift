public import OCI

/// Which tags are wanted; what is left out excludes nothing.
public struct TagSelection: Hashable, Sendable {
  /// Patterns, one of which has to fit; empty for any tag.
  public var include: [Glob] = []
  /// Patterns, none of which may fit.
  public var exclude: [Glob] = []
  /// A regular expression that has to fit the whole tag.
  public var expression: TagExpression?
  /// The versions wanted; tags that are no versions are not.
  public var versions: VersionRange?
  /// How many of the newest are wanted, by the order of their versions; tags that are no versions count as older.
  public var newest: Int?

  /// Selects all tags.
  public init() {}

  /// Whether a tag is of the kind that is wanted, however new it is.
  ///
  /// The tags that clients keep signatures and lists of referrers under are never: they go with their images.
  public func covers(_ tag: Tag) -> Bool {
    guard DigestTag(tag) == nil else { return false }
    guard include.isEmpty || include.contains(where: { $0.matches(tag.value) }) else { return false }
    guard !exclude.contains(where: { $0.matches(tag.value) }) else { return false }
    if let expression, !expression.matches(tag) { return false }
    return versions?.contains(tag) ?? true
  }

  /// The tags that are wanted of those there are, the newest first.
  public func select(_ tags: [Tag]) -> [Tag] {
    let covered = tags.filter(covers).map { (tag: $0, version: TagVersion($0.value)) }
    let sorted = covered.sorted { one, other in
      switch (one.version, other.version) {
      case (let left?, let right?) where left != right && (left < right || right < left): right < left
      case (.some, nil): true
      case (nil, .some): false
      default: other.tag.value < one.tag.value
      }
    }
    return sorted.prefix(newest ?? .max).map(\.tag)
  }
}

/// A regular expression over tags.
public struct TagExpression: Hashable, Sendable {
  /// The expression as it was written.
  public let pattern: String

  /// Takes an expression in the syntax of Swift, which is nearly that of Perl.
  ///
  /// - Throws: `InvalidSyncRule` for what is none.
  public init(_ pattern: String) throws(InvalidSyncRule) {
    do {
      _ = try Regex(pattern)
    } catch {
      throw InvalidSyncRule("\(quoted(pattern)) is no regular expression: \(error)")
    }
    self.pattern = pattern
  }

  func matches(_ tag: Tag) -> Bool {
    // It was compiled once, so it is one.
    (try? Regex(pattern).wholeMatch(in: tag.value)) != nil
  }
}
