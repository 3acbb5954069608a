public import OCI

/// A retention policy as somebody set it.
public struct RetentionPolicyRecord: Hashable, Sendable {
  /// What it is for.
  public let scope: RepositoryScope
  /// The policy as it was written.
  public let text: String
  /// Since when it is in force.
  public let setAt: Timestamp
  /// Who set it.
  public let setBy: String

  /// Makes one of its parts.
  public init(scope: RepositoryScope, text: String, setAt: Timestamp, setBy: String) {
    self.scope = scope
    self.text = text
    self.setAt = setAt
    self.setBy = setBy
  }
}
