public import OCI

/// That a target is to have what a repository has under a reference, whatever that is by then.
public struct WantedReplication: Hashable, Sendable {
  /// The rule that wants it.
  public let rule: ReplicationRuleName
  /// The repository here.
  public let repository: RepositoryName
  /// A tag, or the digest of what refers to another manifest.
  public let reference: Reference

  /// Takes all three.
  public init(rule: ReplicationRuleName, repository: RepositoryName, reference: Reference) {
    self.rule = rule
    self.repository = repository
    self.reference = reference
  }
}

/// A wish that is not known to be fulfilled.
///
/// It is a state and no history: there is one for each wish, however often what it names has changed. Whoever carried
/// it out says which `generation` they began with, and what changed meanwhile leaves it there.
public struct ReplicationJob: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// What is wanted.
  public let wanted: WantedReplication
  /// How often it was wished for.
  public let generation: Int64
  /// Since when the target has been behind, as far as it is known here.
  public let queuedAt: Timestamp
  /// When it is to be tried; nil where that waits until it is wished for again.
  public let nextAttemptAt: Timestamp?
  /// How often it was tried in vain.
  public let attempts: Int
  /// Why it failed last.
  public let lastError: String?

  /// Makes one of its parts.
  public init(
    id: Int64, wanted: WantedReplication, generation: Int64, queuedAt: Timestamp, nextAttemptAt: Timestamp?,
    attempts: Int, lastError: String?
  ) {
    self.id = id
    self.wanted = wanted
    self.generation = generation
    self.queuedAt = queuedAt
    self.nextAttemptAt = nextAttemptAt
    self.attempts = attempts
    self.lastError = lastError
  }
}

/// How much a rule has yet to do.
public struct ReplicationBacklog: Hashable, Sendable {
  /// How many jobs there are.
  public let pending: Int
  /// How many of them were tried in vain.
  public let failing: Int
  /// Since when the oldest of them has waited.
  public let oldest: Timestamp

  /// Takes all three.
  public init(pending: Int, failing: Int, oldest: Timestamp) {
    self.pending = pending
    self.failing = failing
    self.oldest = oldest
  }
}

/// When a rule was last carried out as a whole, and when somebody last asked for that.
public struct Reconciliation: Hashable, Sendable {
  /// When somebody asked; nil where nobody did.
  public var requestedAt: Timestamp?
  /// When the last one that came to its end began.
  public var reconciledAt: Timestamp?

  /// Takes both.
  public init(requestedAt: Timestamp? = nil, reconciledAt: Timestamp? = nil) {
    self.requestedAt = requestedAt
    self.reconciledAt = reconciledAt
  }
}

/// What leads to a manifest.
public struct ManifestKeepers: Hashable, Sendable {
  /// The tags that name it.
  public let tags: [Tag]
  /// The indexes that list it, and what it refers to.
  public let manifests: [Digest]

  /// Takes both.
  public init(tags: [Tag], manifests: [Digest]) {
    self.tags = tags
    self.manifests = manifests
  }
}
