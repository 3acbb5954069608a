public import OCI

/// A plan of what goes from the repositories of a scope, and what became of it.
public struct RetentionRun: Hashable, Sendable {
  /// Who did something with a run, and when.
  public struct Deed: Hashable, Sendable {
    /// When.
    public let at: Timestamp
    /// Who.
    public let by: String

    /// Takes both.
    public init(at: Timestamp, by: String) {
      self.at = at
      self.by = by
    }
  }

  /// The number.
  public let id: Int64
  /// What it is about.
  public let scope: RepositoryScope
  /// Who planned it. What was pushed or pulled from that moment on is left alone.
  public let begun: Deed
  /// Whether the plan is whole.
  public let isPlanned: Bool
  /// Who had it applied, and when first.
  public let applied: Deed?
  /// Who had it undone, and when.
  public let undone: Deed?

  /// Makes one of its parts.
  public init(id: Int64, scope: RepositoryScope, begun: Deed, isPlanned: Bool, applied: Deed?, undone: Deed?) {
    self.id = id
    self.scope = scope
    self.begun = begun
    self.isPlanned = isPlanned
    self.applied = applied
    self.undone = undone
  }
}

/// How much a plan takes from a repository.
public struct RetentionTotals: Hashable, Sendable {
  /// Tags that go.
  public var tags = 0
  /// Manifests that go.
  public var manifests = 0
  /// Blobs that no manifest of the repository needs any more.
  public var blobs = 0
  /// Bytes that nothing needs any more.
  public var bytes: Int64 = 0

  /// Starts with nothing.
  public init() {}
}

/// What a run is about in one repository, and how far it has come.
public struct RetentionPart: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// The run.
  public let run: Int64
  /// The repository.
  public let repository: RepositoryName
  /// Why nothing is planned for it, if that is so.
  public let fault: String?
  /// What the plan takes.
  public let planned: RetentionTotals
  /// How many of the things that go were looked at.
  public let done: Int
  /// How many tags went.
  public let removedTags: Int
  /// How many manifests went.
  public let removedManifests: Int
  /// How many tags came back.
  public let restoredTags: Int
  /// How many manifests came back.
  public let restoredManifests: Int
  /// How many were left alone, or did not come back, by the reason.
  public let left: [LeftReason: Int]

  /// Whether all was looked at.
  public var isDone: Bool { done == planned.tags + planned.manifests }

  /// Makes one of its parts.
  public init(
    id: Int64, run: Int64, repository: RepositoryName, fault: String?, planned: RetentionTotals, done: Int,
    removedTags: Int, removedManifests: Int, restoredTags: Int, restoredManifests: Int, left: [LeftReason: Int]
  ) {
    self.id = id
    self.run = run
    self.repository = repository
    self.fault = fault
    self.planned = planned
    self.done = done
    self.removedTags = removedTags
    self.removedManifests = removedManifests
    self.restoredTags = restoredTags
    self.restoredManifests = restoredManifests
    self.left = left
  }
}

/// Why something that a plan takes was left alone, because it has changed since, or did not come back.
public enum LeftReason: String, CaseIterable, Sendable {
  /// The tag was moved or deleted, or the manifest was deleted.
  case gone
  /// It, or what a tag names, was pushed.
  case pushed
  /// It, or what a tag names, was pulled.
  case pulled
  /// A tag names it.
  case tagged
  /// An index lists it.
  case listed
  /// What it is about is still there.
  case subject
  /// Something that is about it was pushed.
  case referred
  /// A rule or a hold keeps it.
  case protected
  /// The tag names something else by now, and is not brought back.
  case taken
  /// It is not in the trash any more, or somebody else deleted it.
  case expired
}

/// What a plan takes from one repository, to be stored.
public struct NewRetentionPart: Sendable {
  /// The run.
  public let run: Int64
  /// The repository.
  public let repository: RepositoryName
  /// How much it is.
  public let totals: RetentionTotals
  /// The names of the rules.
  public let rules: [String]
  /// What goes.
  public let removals: RetentionRemovals
  /// Why nothing could be planned; nothing goes then.
  public let fault: String?

  /// Stores a plan.
  public init(
    run: Int64, repository: RepositoryName, totals: RetentionTotals, rules: [String], removals: RetentionRemovals
  ) {
    self.run = run
    self.repository = repository
    self.totals = totals
    self.rules = rules
    self.removals = removals
    fault = nil
  }

  /// Stores that there is none, and why.
  public init(run: Int64, repository: RepositoryName, fault: String) {
    self.run = run
    self.repository = repository
    totals = RetentionTotals()
    rules = []
    removals = RetentionRemovals([])
    self.fault = fault
  }
}
