public import OCI

/// What replication asks of a catalogue: a durable queue, in which nothing stands twice.
public protocol ReplicationCatalog: Sendable {
  /// Queues jobs, each to be carried out at once, and with them remembers how far the feed has been read.
  ///
  /// What waits already has changed again. Power loss may undo it, and then all of it.
  func queueReplications(
    _ wanted: Set<WantedReplication>, at now: Timestamp, havingRead event: Int64?
  ) async throws(CatalogError)

  /// The jobs that are to be carried out at a moment, of each rule those that are due for longest, up to a number.
  func dueReplications(
    _ limits: [ReplicationRuleName: Int], at now: Timestamp
  ) async throws(CatalogError) -> [ReplicationJob]

  /// Ends a job, unless it was wished for again since, and records what was done. Power loss may undo both.
  func endReplication(_ job: ReplicationJob, recording event: AuditEvent?) async throws(CatalogError)

  /// Puts a job off that was tried in vain, unless it was wished for again since.
  ///
  /// - Parameter moment: when it is to be tried; nil waits until it is wished for again.
  func putOffReplication(
    _ job: ReplicationJob, until moment: Timestamp?, because reason: String
  ) async throws(CatalogError)

  /// The jobs of a rule in the order in which they were queued first, after one of them.
  func replicationJobs(
    of rule: ReplicationRuleName, after id: Int64?, limit: Int
  ) async throws(CatalogError) -> [ReplicationJob]

  /// How much each of some rules has yet to do; those with nothing to do are left out.
  func replicationBacklogs(
    of rules: [ReplicationRuleName]
  ) async throws(CatalogError) -> [ReplicationRuleName: ReplicationBacklog]

  /// Takes over which rules there are: the jobs of others are forgotten.
  ///
  /// - Returns: of each rule, when it was last carried out as a whole.
  func keepReplications(
    of rules: Set<ReplicationRuleName>
  ) async throws(CatalogError) -> [ReplicationRuleName: Reconciliation]

  /// Records that somebody wants a rule carried out as a whole.
  func requestReconciliation(
    of rule: ReplicationRuleName, at now: Timestamp, by actor: Author
  ) async throws(CatalogError)

  /// Records that a rule was carried out as a whole, beginning at a moment.
  func reconciled(_ rule: ReplicationRuleName, begunAt moment: Timestamp) async throws(CatalogError)

  /// What a tag is about that a client made of a digest: nothing for other tags, and more than one manifest only where the
  /// tag says a part of the digest in which several are alike.
  func subjects(of tag: Tag, in repository: RepositoryName) async throws(CatalogError) -> [Digest]

  /// What leads to a manifest in one step.
  func keepers(of digest: Digest, in repository: RepositoryName) async throws(CatalogError) -> ManifestKeepers
}
