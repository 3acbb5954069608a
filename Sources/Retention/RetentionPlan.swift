public import Catalog

/// What a policy does to a repository, and why: a verdict on each of its tags and manifests, by their places.
public struct RetentionPlan: Sendable {
  /// What happens, and what decides it.
  public enum Verdict: Hashable, Sendable {
    /// It stays.
    case kept(Cause)
    /// It goes, because of the rule at this place.
    case removed(byRule: Int32)

    /// Whether it stays.
    public var isKept: Bool {
      if case .kept = self { true } else { false }
    }
  }

  /// Why something stays.
  public enum Cause: Hashable, Sendable {
    /// The rule at this place keeps it.
    case rule(Int32)
    /// No rule is about it.
    case noRule
    /// Somebody holds or protects it.
    case protected
    /// It was pulled lately.
    case pulledLately
    /// The tag at this place, which stays, names it.
    case tag(Int32)
    /// The index at this place, which stays, lists it.
    case entry(of: Int32)
    /// It refers to the manifest at this place, which stays, or is kept about it under a tag that holds its digest.
    case about(Int32)
  }

  /// For each tag.
  public let tags: [Verdict]
  /// For each manifest.
  public let manifests: [Verdict]
  /// What goes, in the order in which it can.
  public let removals: RetentionRemovals
  /// For each tag the bytes of what nothing else in the registry needs.
  public let bytesOfTags: [Int64]
  /// For each manifest the bytes, its own included, that no other needs.
  public let bytesOfManifests: [Int64]
  /// The blobs that no manifest needs any more that stays, by their places.
  public let removedBlobs: [Int32]
  /// The bytes that go: those of manifests, and of blobs that no other repository has.
  public let removedBytes: Int64
}
