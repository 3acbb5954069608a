public import OCI

/// Where a target is not the same as this registry.
public struct ReplicationDifference: Hashable, Sendable {
  /// How they differ.
  public enum Kind: String, CaseIterable, Sendable {
    /// The target does not have it.
    case missing
    /// The target has another manifest under the tag.
    case different
    /// The target has it, and this registry does not.
    case surplus
  }

  /// How they differ.
  public let kind: Kind
  /// The repository here.
  public let repository: RepositoryName
  /// A tag, or the digest of what refers to another manifest.
  public let reference: Reference
  /// What is here.
  public let source: Digest?
  /// What is there.
  public let target: Digest?
}
