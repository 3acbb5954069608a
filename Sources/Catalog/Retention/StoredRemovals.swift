public import OCI

/// What a part of a run takes, as it was stored.
public struct StoredRemovals: Sendable {
  /// The part.
  public let part: Int64
  /// The run.
  public let run: Int64
  /// The repository's row.
  public let repository: Int64
  /// The repository.
  public let name: RepositoryName
  /// What was pushed or pulled from this moment on has changed.
  public let plannedAt: Timestamp
  /// The names of the rules.
  public let rules: [String]
  /// What goes.
  public let removals: RetentionRemovals

  /// Makes one of its parts.
  public init(
    part: Int64, run: Int64, repository: Int64, name: RepositoryName, plannedAt: Timestamp, rules: [String],
    removals: RetentionRemovals
  ) {
    self.part = part
    self.run = run
    self.repository = repository
    self.name = name
    self.plannedAt = plannedAt
    self.rules = rules
    self.removals = removals
  }
}
