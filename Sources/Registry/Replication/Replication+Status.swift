public import Catalog
internal import Locks
public import OCI

/// What a rule has done since the process began.
public struct ReplicationTotals: Hashable, Sendable {
  /// Images and referrers that were brought to the target.
  public var copies = 0
  /// The bytes of the blobs that were sent for them.
  public var bytes: Int64 = 0
  /// What was deleted at the target.
  public var deletions = 0
  /// Jobs that failed, each time.
  public var failures = 0
}

/// How a rule is doing.
public struct ReplicationStatus: Sendable {
  /// The rule.
  public let rule: ReplicationRule
  /// How much it has yet to do; nil for nothing.
  public let backlog: ReplicationBacklog?
  /// What it has done since the process began.
  public let totals: ReplicationTotals
  /// When everything was last compared.
  public let reconciledAt: Timestamp?
  /// Whether everything is being compared, or is to be because somebody asked for it.
  public let isReconciling: Bool
  /// Why the target is left alone; nil where it is not.
  public let targetFailure: String?
}

extension Replication {
  /// What each rule has done since the process began.
  public var totals: [ReplicationRuleName: ReplicationTotals] { state.withLock { $0.totals } }

  /// The rule of a name.
  ///
  /// - Throws: `NAME_UNKNOWN` where there is none.
  public func rule(_ name: ReplicationRuleName) throws(RegistryError) -> ReplicationRule {
    let rules = state.withLock { $0.rules }
    if let rule = rules.first(where: { $0.name == name }) { return rule }
    let known = rules.map(\.name.value).joined(separator: ", ")
    throw RegistryError(
      .nameUnknown, "there is no replication rule \(name); there are \(known)", detail: ["rule": name.value])
  }

  /// How all rules are doing, in their order.
  public func status() async throws(RegistryError) -> [ReplicationStatus] {
    try await status(of: state.withLock { $0.rules })
  }

  /// How a rule is doing.
  ///
  /// - Throws: `NAME_UNKNOWN` where there is none of that name.
  public func status(of name: ReplicationRuleName) async throws(RegistryError) -> ReplicationStatus {
    try await status(of: [try rule(name)])[0]
  }

  private func status(of rules: [ReplicationRule]) async throws(RegistryError) -> [ReplicationStatus] {
    let (targets, totals, reconciliations) = state.withLock { ($0.targets, $0.totals, $0.reconciliations) }
    let backlogs = try await reporting {
      try await registry.catalog.replicationBacklogs(of: rules.map(\.name))
    }
    return rules.map { rule in
      let reconciliation = reconciliations[rule.name]
      return ReplicationStatus(
        rule: rule, backlog: backlogs[rule.name], totals: totals[rule.name] ?? ReplicationTotals(),
        reconciledAt: reconciliation?.known.reconciledAt,
        isReconciling: reconciliation.map { $0.isRunning || $0.isRequested } ?? false,
        targetFailure: targets[rule.target]?.health.failure?.description)
    }
  }

  /// What a rule has yet to do, in the order in which it was queued.
  public func jobs(
    of name: ReplicationRuleName, after id: Int64?, limit: Int
  ) async throws(RegistryError) -> Page<ReplicationJob> {
    _ = try rule(name)
    return try await reporting {
      Page(try await registry.catalog.replicationJobs(of: name, after: id, limit: limit + 1), limit: limit)
    }
  }
}
