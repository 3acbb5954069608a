public import OCI

/// What has to be done for two places to be the same.
public struct SyncPlan: Sendable {
  /// An image that is to be in another place.
  public struct Copy: Hashable, Sendable {
    /// Where it is.
    public let source: ImageReference
    /// Where it is to be, and what it is to be called there.
    public let target: ImageReference
    /// The number of the rule that wants it.
    public let rule: Int
    /// Whether it is known to be there already.
    public var isUpToDate = false
  }

  /// A tag that is to go.
  public struct Removal: Hashable, Sendable {
    /// The tag.
    public let target: ImageReference
    /// The number of the rule that wants it gone.
    public let rule: Int
  }

  /// What could not be planned.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The place that it is about.
    public let place: String
    /// Why.
    public let description: String
  }

  /// The rules, which are numbered from 0.
  public let rules: [SyncRule]
  /// What is to be copied.
  public internal(set) var copies: [Copy]
  /// What is to go.
  public internal(set) var removals: [Removal]
  /// What could not be planned; the rest can be done nevertheless.
  public internal(set) var failures: [Failure]

  /// Plans from what there is; it asks nobody.
  public init(_ rules: [SyncRule], _ listings: [SyncListing]) {
    self.rules = rules
    (copies, removals, failures) = ([], [], [])
    for listing in listings {
      let rule = rules[listing.rule]
      let (from, to) = (listing.source, listing.target)
      let wanted = rule.tags.select(listing.sourceTags)
      copies += wanted.map { tag in
        Copy(
          source: ImageReference(registry: from.registry, repository: from.repository, tag: tag),
          target: ImageReference(registry: to.registry, repository: to.repository, tag: tag), rule: listing.rule)
      }
      guard rule.prunes else { continue }
      let kept = Set(wanted)
      let leftover = listing.targetTags.filter { rule.tags.covers($0) && !kept.contains($0) }
      guard !leftover.isEmpty else { continue }
      // An empty source is more often a fault than a wish.
      guard !wanted.isEmpty else {
        failures.append(
          Failure(
            place: "\(to)",
            description:
              "nothing in \(from) is wanted, and \(leftover.count) tags of \(to) would go; nothing is removed"))
        continue
      }
      removals += leftover.map { tag in
        Removal(
          target: ImageReference(registry: to.registry, repository: to.repository, tag: tag), rule: listing.rule)
      }
    }
  }
}

/// What there is in a repository and in the one that is to be the same.
public struct SyncListing: Sendable {
  /// The number of the rule.
  public let rule: Int
  /// The repository that images come from.
  public let source: ImageReference
  /// The repository that they go to.
  public let target: ImageReference
  /// The tags of the source.
  public let sourceTags: [Tag]
  /// The tags of the target, where the rule removes any.
  public let targetTags: [Tag]

  /// Takes all of it.
  public init(rule: Int, source: ImageReference, target: ImageReference, sourceTags: [Tag], targetTags: [Tag]) {
    self.rule = rule
    self.source = source
    self.target = target
    self.sourceTags = sourceTags
    self.targetTags = targetTags
  }
}

extension SyncPlan: CustomStringConvertible {
  /// A line for everything that is to be done.
  public var description: String {
    let copies = copies.filter { !$0.isUpToDate }.map { "copy \($0.source) to \($0.target)" }
    let removals = removals.map { "remove \($0.target)" }
    return (copies + removals).joined(separator: "\n")
  }
}
