internal import Catalog
internal import Locks
internal import OCI

extension Replication {
  /// How many jobs of a rule are carried out at the same time.
  static let jobsAtOnce = 4

  /// What became of a job.
  private enum Outcome {
    case copied(ReplicationCopy)
    case deleted
    /// There was nothing to do.
    case nothing
    /// It cannot be done, and trying again does not help.
    case impossible(String)
  }

  /// The jobs that are due, of targets that can be asked, as far as there is room for them. They count as busy.
  ///
  /// A target that failed gets one job, whatever the number of rules and jobs, until it has answered.
  func takeDueJobs() async throws -> [(job: ReplicationJob, rule: ReplicationRule)] {
    let now = now()
    let limits = state.withLock { state in
      var limits: [ReplicationRuleName: Int] = [:]
      for rule in state.rules {
        guard let target = state.targets[rule.target], target.health.rest(at: now) == nil else { continue }
        let busy = state.busy.values.count { $0 == rule.name }
        guard target.health.isFailing ? target.busy == 0 : busy < Self.jobsAtOnce else { continue }
        // Those that are being carried out are still in the queue.
        limits[rule.name] = Self.jobsAtOnce + busy
      }
      return limits
    }
    let due = try await registry.catalog.dueReplications(limits, at: now)
    return state.withLock { state in due.compactMap { job in state.take(job) } }
  }

  /// Carries out a job that was taken.
  func carryOut(_ job: ReplicationJob, of rule: ReplicationRule) async {
    defer { state.withLock { $0.giveBack(job, to: rule.target) } }
    do {
      let outcome: Outcome
      do {
        outcome = try await perform(job.wanted, of: rule)
      } catch {
        try Task.checkCancellation()
        return try await putOff(job, of: rule, error)
      }
      switch outcome {
      case .nothing: try await registry.catalog.endReplication(job, recording: nil)
      case .copied(let copy):
        count(rule) { totals in
          totals.copies += 1
          totals.bytes += copy.bytes
        }
        try await registry.catalog.endReplication(
          job, recording: event(.replicationCopy, job.wanted, rule, ["digest": copy.digest.description]))
      case .deleted:
        count(rule) { $0.deletions += 1 }
        try await registry.catalog.endReplication(job, recording: event(.replicationDelete, job.wanted, rule))
      case .impossible(let reason):
        count(rule) { $0.failures += 1 }
        try await registry.catalog.putOffReplication(job, until: nil, because: reason)
      }
    } catch {
      // The job is where it was.
      if !Task.isCancelled { report("what became of \(job.wanted.reference) could not be recorded: \(error)") }
    }
  }

  private func putOff(_ job: ReplicationJob, of rule: ReplicationRule, _ error: any Error) async throws {
    count(rule) { $0.failures += 1 }
    let retryAfter = (error as? UpstreamFailure)?.retryAfter ?? .zero
    let pause = max(BackOff.pause(after: job.attempts, jitter: jitter()), retryAfter)
    try await registry.catalog.putOffReplication(job, until: now() + pause, because: "\(error)")
  }

  private func count(_ rule: ReplicationRule, _ change: (inout ReplicationTotals) -> Void) {
    state.withLock { change(&$0.totals[rule.name, default: ReplicationTotals()]) }
  }

  private func event(
    _ action: AuditEvent.Action, _ wanted: WantedReplication, _ rule: ReplicationRule, _ detail: [String: String] = [:]
  ) -> AuditEvent {
    AuditEvent(
      at: now(), actor: Author(name: Author.berth.name, credential: "replication rule \(rule.name)"), action: action,
      outcome: .done, repository: wanted.repository.value, subject: wanted.reference.description,
      detail: detail.merging(["target": rule.target]) { own, _ in own })
  }

  /// Makes a target's reference what the repository has by now.
  private func perform(_ wanted: WantedReplication, of rule: ReplicationRule) async throws -> Outcome {
    let (reference, repository) = (wanted.reference, wanted.repository)
    // The rule may have changed since it was wished for.
    guard rule.covers(repository), !isMirror(repository) else { return .nothing }
    let name: RepositoryName
    do {
      name = try rule.naming.name(of: repository)
    } catch {
      return .impossible("\(repository) cannot be called so at the target: \(error)")
    }
    guard let found = try await registry.storedManifest(reference, in: repository) else {
      return rule.deletes ? try await delete(reference, in: name, of: rule) : .nothing
    }
    guard try await wants(found, as: reference, in: repository, of: rule) else { return .nothing }
    let isTag = if case .tag = reference { true } else { false }
    let copy = try await asking(rule.target) { target throws(UpstreamFailure) in
      try await target.copy(reference, of: repository, to: name, withReferrers: rule.referrers && isTag)
    }
    return copy.wasThere ? .nothing : .copied(copy)
  }

  private func delete(
    _ reference: Reference, in name: RepositoryName, of rule: ReplicationRule
  ) async throws -> Outcome {
    let deletion: TargetDeletion
    switch reference {
    case .tag(let tag):
      guard rule.covers(tag) else { return .nothing }
      deletion = try await asking(rule.target) { target throws(UpstreamFailure) in
        try await target.delete(tag, in: name)
      }
    case .digest(let digest):
      deletion = try await asking(rule.target) { target throws(UpstreamFailure) in
        try await target.delete(referrer: digest, in: name)
      }
    }
    switch deletion {
    case .deleted: return .deleted
    case .absent: return .nothing
    case .unsupported(let reason): return .impossible(reason)
    }
  }
}

extension Replication.State {
  /// Takes a job where nobody else has, and its target has room for it.
  fileprivate mutating func take(_ job: ReplicationJob) -> (job: ReplicationJob, rule: ReplicationRule)? {
    guard busy[job.id] == nil, let rule = rules.first(where: { $0.name == job.wanted.rule }),
      let target = targets[rule.target], busy.values.count(where: { $0 == rule.name }) < Replication.jobsAtOnce,
      !target.health.isFailing || target.busy == 0
    else { return nil }
    busy[job.id] = rule.name
    targets[rule.target]?.busy += 1
    return (job, rule)
  }

  fileprivate mutating func giveBack(_ job: ReplicationJob, to target: String) {
    busy[job.id] = nil
    targets[target]?.busy -= 1
  }
}
