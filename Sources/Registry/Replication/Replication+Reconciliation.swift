public import Catalog
internal import Locks
public import OCI

/// Whether all that a rule wants is to be compared, or is being compared.
struct ReconciliationState: Sendable {
  var known: Reconciliation
  var isRunning = false
  var failures = 0
  /// It failed, and is not tried again before.
  var notBefore: Timestamp?

  /// Whether somebody asked for it since it was last begun.
  var isRequested: Bool {
    guard let requested = known.requestedAt else { return false }
    return known.reconciledAt.map { $0 < requested } ?? true
  }

  func isDue(every schedule: Duration?, at now: Timestamp) -> Bool {
    guard !isRunning, notBefore.map({ $0 <= now }) ?? true else { return false }
    if isRequested { return true }
    guard let schedule else { return false }
    return known.reconciledAt.map { $0 + schedule <= now } ?? true
  }
}

extension Replication {
  /// Has all that a rule wants compared, and what differs replicated. It survives the end of the process.
  ///
  /// - Throws: `NAME_UNKNOWN` where there is no such rule.
  public func request(_ name: ReplicationRuleName, by actor: Author) async throws(RegistryError) {
    _ = try rule(name)
    let now = now()
    try await reporting { try await registry.catalog.requestReconciliation(of: name, at: now, by: actor) }
    state.withLock { state in
      state.reconciliations[name]?.known.requestedAt = now
      state.reconciliations[name]?.notBefore = nil
    }
    wake()
  }

  /// The rules whose time has come, whose targets can be asked. They count as running.
  func takeDueReconciliations() -> [ReplicationRule] {
    let now = now()
    return state.withLock { state in
      let due = state.rules.filter { rule in
        // One that failed may be asked by this, too, where no job does.
        guard let target = state.targets[rule.target], target.health.rest(at: now) == nil,
          !target.health.isFailing || target.busy == 0
        else { return false }
        return state.reconciliations[rule.name]?.isDue(every: rule.schedule, at: now) ?? false
      }
      for rule in due { state.reconciliations[rule.name]?.isRunning = true }
      return due
    }
  }

  /// Queues what differs of all that a rule wants.
  func reconcile(_ rule: ReplicationRule) async {
    let begun = now()
    do {
      _ = try await compare(rule) { differences in
        let wanted = differences.filter { $0.kind != .surplus || rule.deletes }.map { difference in
          WantedReplication(rule: rule.name, repository: difference.repository, reference: difference.reference)
        }
        try await registry.catalog.queueReplications(Set(wanted), at: now(), havingRead: nil)
        wake()
      }
      try await registry.catalog.reconciled(rule.name, begunAt: begun)
      change(rule) { reconciliation in
        reconciliation.known.reconciledAt = begun
        reconciliation.failures = 0
      }
    } catch {
      let (now, jitter) = (now(), jitter())
      change(rule) { reconciliation in
        reconciliation.notBefore = now + BackOff.pause(after: reconciliation.failures, jitter: jitter)
        reconciliation.failures += 1
      }
      if !Task.isCancelled { report("not all that \(rule.name) replicates could be compared: \(error)") }
    }
  }

  private func change(_ rule: ReplicationRule, _ change: (inout ReconciliationState) -> Void) {
    state.withLock { state in
      guard var reconciliation = state.reconciliations[rule.name] else { return }
      reconciliation.isRunning = false
      change(&reconciliation)
      state.reconciliations[rule.name] = reconciliation
    }
  }
}
