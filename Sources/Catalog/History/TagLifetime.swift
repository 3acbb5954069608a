public import OCI

/// From when to when a tag named a digest, and who saw to that.
public struct TagLifetime: Hashable, Sendable {
  /// Why a lifetime began, where that was no push.
  public enum Reason: String, CaseIterable, Sendable {
    case rollback
    case promotion
    case restore
  }

  /// That a lifetime has ended.
  public struct End: Hashable, Sendable {
    /// When.
    public let at: Timestamp
    /// Who ended it; nil where nobody was recorded.
    public let by: Author?
    /// Whether the tag was deleted, and named nothing else from then on.
    public let isDeletion: Bool

    /// Makes one of its parts.
    public init(at: Timestamp, by: Author?, isDeletion: Bool) {
      self.at = at
      self.by = by
      self.isDeletion = isDeletion
    }
  }

  /// The row; of one tag's lifetimes a later one has a higher row.
  public let row: Int64
  /// What the tag named.
  public let digest: Digest
  /// From when on.
  public let beganAt: Timestamp
  /// Who set or moved the tag; nil where nobody was recorded.
  public let beganBy: Author?
  /// Why; nil for a push.
  public let reason: Reason?
  /// Until when; nil where it still does.
  public let end: End?

  /// Makes one of its parts.
  public init(row: Int64, digest: Digest, beganAt: Timestamp, beganBy: Author?, reason: Reason?, end: End?) {
    self.row = row
    self.digest = digest
    self.beganAt = beganAt
    self.beganBy = beganBy
    self.reason = reason
    self.end = end
  }
}

/// What a tag named at a moment.
public enum TagAtMoment: Hashable, Sendable {
  case named(TagLifetime)
  /// It had been deleted; this is the lifetime before.
  case deleted(TagLifetime)
  /// It was set for the first time after that.
  case notYet(first: TagLifetime)
  /// There has never been such a tag.
  case neverSet
}
