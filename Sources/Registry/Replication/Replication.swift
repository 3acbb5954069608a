internal import Catalog
internal import Locks
public import OCI

/// Keeps other registries the same as this one, as rules say.
///
/// The audit trail says what was changed, in the transaction that changed it. It is read as a feed, and what a rule
/// wants of it becomes a job in the catalogue, in the transaction that remembers how far the feed has been read. A job
/// says what is to be the same and not what happened, so it can be carried out late, twice, or once for many changes,
/// and what a target has of a tag never goes back.
public final class Replication: Sendable {
  /// A target, and how it has been doing.
  struct Target: Sendable {
    let registry: any ReplicationTarget
    var health = UpstreamHealth()
    /// How many jobs are being carried out there.
    var busy = 0
  }

  struct State: Sendable {
    var rules: [ReplicationRule] = []
    var targets: [String: Target] = [:]
    var totals: [ReplicationRuleName: ReplicationTotals] = [:]
    var reconciliations: [ReplicationRuleName: ReconciliationState] = [:]
    /// The jobs that are being carried out, with their rules.
    var busy: [Int64: ReplicationRuleName] = [:]
    /// The last event that was read, and the last one of which the catalogue knows that.
    var read: Int64 = 0
    var remembered: Int64 = 0
  }

  let registry: Registry
  /// Whether a repository mirrors another registry: what is in it comes from there, and may be here in part.
  let isMirror: @Sendable (RepositoryName) -> Bool
  let now: @Sendable () -> Timestamp
  /// A number from 0 up to 1 that nobody can foresee.
  let jitter: @Sendable () -> Double
  /// Is told what went wrong here, and not at a target.
  let report: @Sendable (String) -> Void
  let state = Locked(State())
  private let wakes: AsyncStream<Void>
  private let alarm: AsyncStream<Void>.Continuation

  /// Replicates nothing until it is told what.
  ///
  /// - Parameters:
  ///   - registry: what others are to have.
  ///   - isMirror: whether a repository mirrors another registry; such are left out.
  ///   - now: what time it is.
  ///   - jitter: a number from 0 up to 1 that nobody can foresee.
  ///   - report: is told what went wrong here, and not at a target.
  public init(
    registry: Registry, isMirror: @escaping @Sendable (RepositoryName) -> Bool,
    now: @escaping @Sendable () -> Timestamp = { .now },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
    report: @escaping @Sendable (String) -> Void
  ) {
    self.registry = registry
    self.isMirror = isMirror
    self.now = now
    self.jitter = jitter
    self.report = report
    (wakes, alarm) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Begins to read the feed: what is changed from here on is replicated.
  public func begin() async throws(RegistryError) {
    try await reporting {
      let position = try await registry.catalog.position(of: .replication)
      state.withLock { state in
        state.read = position
        state.remembered = position
      }
    }
    registry.changes.tell { [alarm] in alarm.yield() }
  }

  /// Follows these rules from now on; what others wanted is forgotten.
  ///
  /// - Parameter targets: the targets by the names that rules give them.
  public func follow(
    _ rules: [ReplicationRule], targets: [String: any ReplicationTarget]
  ) async throws(RegistryError) {
    let kept = try await reporting { try await registry.catalog.keepReplications(of: Set(rules.map(\.name))) }
    state.withLock { state in
      state.rules = rules
      // A target may have got another address or other credentials; what is busy there still counts.
      state.targets = targets.reduce(into: [:]) { all, target in
        all[target.key] = Target(registry: target.value, busy: state.targets[target.key]?.busy ?? 0)
      }
      state.reconciliations = kept.mapValues { known in ReconciliationState(known: known) }
      for rule in rules where state.totals[rule.name] == nil { state.totals[rule.name] = ReplicationTotals() }
    }
    wake()
  }

  /// Has it look now for what there is to do.
  public func wake() { alarm.yield() }

  /// Replicates until the task is cancelled. It can be called once.
  ///
  /// Each time that it is woken it reads the feed, and begins what is due and has room.
  public func run() async {
    await withDiscardingTaskGroup { group in
      for await _ in wakes {
        for work in await nextWork() {
          group.addTask {
            await self.carryOut(work)
            self.wake()
          }
        }
      }
    }
  }

  /// Reads the feed, and takes what is to be carried out now.
  func nextWork() async -> [ReplicationWork] {
    do {
      try await readFeed()
      return try await takeDueJobs().map { .job($0.job, $0.rule) } + takeDueReconciliations().map { .all($0) }
    } catch {
      report("what is to be replicated could not be looked up: \(error)")
      return []
    }
  }

  func carryOut(_ work: ReplicationWork) async {
    switch work {
    case .job(let job, let rule): await carryOut(job, of: rule)
    case .all(let rule): await reconcile(rule)
    }
  }

  /// Asks a target, and takes from its answer how it is doing.
  func asking<Answer: Sendable>(
    _ name: String, _ question: (any ReplicationTarget) async throws(UpstreamFailure) -> Answer
  ) async throws -> Answer {
    guard let target = state.withLock({ $0.targets[name]?.registry }) else {
      throw UpstreamFailure(.refused, "there is no target \(name) any more")
    }
    do throws(UpstreamFailure) {
      let answer = try await question(target)
      state.withLock { $0.targets[name]?.health.answered() }
      return answer
    } catch {
      // What a request fails with whose task is cancelled says nothing about who was asked.
      try Task.checkCancellation()
      let now = now()
      state.withLock { $0.targets[name]?.health.failed(error, at: now) }
      throw error
    }
  }
}

/// Something to do.
enum ReplicationWork: Sendable {
  case job(ReplicationJob, ReplicationRule)
  /// All that a rule wants is compared, and what differs is queued.
  case all(ReplicationRule)
}
