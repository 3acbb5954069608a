public import Catalog
public import OCI
internal import YAMLFiles

/// Plans what goes by the policies of a catalogue, and has it removed.
public struct RetentionRunner: Sendable {
  fileprivate let catalog: any Catalog
  private let flushPulls: @Sendable () async throws -> Void
  fileprivate let noteChanges: @Sendable () -> Void

  /// How many things go in one transaction: few, because pushes wait for it.
  fileprivate static let batch = 400
  /// How long runs and their reports are kept.
  private static let memory = Duration.seconds(90 * 86_400)
  /// How many repositories, or parts of a run, are read at once.
  fileprivate static let page = 100

  /// Takes what it works on.
  ///
  /// - Parameters:
  ///   - catalog: the catalogue.
  ///   - flushPulls: writes down there the pulls that wait for that.
  ///   - noteChanges: is called after each transaction that changed what clients see.
  public init(
    catalog: any Catalog, flushPulls: @escaping @Sendable () async throws -> Void,
    noteChanges: @escaping @Sendable () -> Void
  ) {
    self.catalog = catalog
    self.flushPulls = flushPulls
    self.noteChanges = noteChanges
  }

  // MARK: Plan

  /// What becomes known while a plan is made.
  public enum Step: Sendable {
    /// What goes from a repository, and what stays.
    case planned(PlannedRepository)
    /// That a repository cannot be planned, and why: nothing goes from it.
    case failed(RepositoryName, reason: String)
  }

  /// Begins a run, which is a plan once `plan` was made.
  public func begin(_ scope: RepositoryScope, by actor: Author) async throws -> RetentionRun {
    _ = try await catalog.removeRetentionRuns(before: .now - Self.memory, limit: Self.page)
    return try await catalog.beginRetentionRun(scope, by: actor)
  }

  /// Plans each repository of a run's scope that a policy is about, and stores what goes.
  ///
  /// - Returns: how much goes in all.
  public func plan(
    _ run: RetentionRun, _ tell: (Step) async throws -> Void
  ) async throws -> RetentionTotals {
    // What was pulled before the run began is known from here on; what is pulled later counts as a change.
    try await flushPulls()
    var totals = RetentionTotals()
    var last: String?
    while true {
      let repositories = try await catalog.repositories(in: run.scope, after: last, limit: Self.page)
      let policies = try await policies(of: repositories)
      for repository in repositories {
        guard let step = try await plan(repository, policies, at: run.begun.at) else { continue }
        switch step {
        case .planned(let planned):
          totals += planned.totals
          try await catalog.addRetentionPart(
            NewRetentionPart(
              run: run.id, repository: repository, totals: planned.totals, rules: planned.policy.rules.map(\.name),
              removals: planned.plan.removals))
        case .failed(_, let reason):
          try await catalog.addRetentionPart(NewRetentionPart(run: run.id, repository: repository, fault: reason))
        }
        try await tell(step)
      }
      guard repositories.count == Self.page else { break }
      last = repositories.last?.value
    }
    try await catalog.retentionPlanned(run.id)
    return totals
  }

  /// What the policies that are about a repository do to it now; nil where none is.
  ///
  /// - Throws: what a plan of it would fail with.
  public func plan(of repository: RepositoryName) async throws -> Step? {
    try await flushPulls()
    return try await plan(repository, try await policies(of: [repository]), at: .now)
  }

  private func policies(of repositories: [RepositoryName]) async throws -> [RepositoryScope: RetentionPolicyRecord] {
    let scopes = Set(repositories.flatMap(RepositoryScope.all))
    let policies = try await catalog.retentionPolicies(of: Array(scopes))
    return Dictionary(policies.map { ($0.scope, $0) }, uniquingKeysWith: { policy, _ in policy })
  }

  /// - Returns: nil where no policy is about the repository, or it is gone.
  private func plan(
    _ repository: RepositoryName, _ policies: [RepositoryScope: RetentionPolicyRecord], at now: Timestamp
  ) async throws -> Step? {
    let records = RepositoryScope.all(of: repository).compactMap { policies[$0] }
    guard !records.isEmpty else { return nil }
    var parsed: [(scope: RepositoryScope, policy: RetentionPolicy)] = []
    for record in records {
      do {
        parsed.append((record.scope, try RetentionPolicy(parsing: Array(record.text.utf8))))
      } catch {
        return .failed(repository, reason: "the policy of \(record.scope) cannot be read: \(error)")
      }
    }
    let policy = RetentionPolicy(merging: parsed)
    let contents: RepositoryContents?
    do {
      contents = try await catalog.contents(of: repository)
    } catch {
      return .failed(repository, reason: error.description)
    }
    guard let contents else { return nil }
    return .planned(
      PlannedRepository(
        name: repository, policy: policy, contents: contents, plan: RetentionPlan(policy, for: contents, at: now)))
  }

  // MARK: Apply

  /// Removes what a plan takes and nothing else, and leaves alone what has changed since; where it was begun before, it
  /// goes on.
  ///
  /// - Parameter tell: is called after each transaction with how many things were looked at in it.
  /// - Throws: `RetentionRefusal` where there is no such plan, or it was undone; `CatalogError`.
  public func apply(
    _ id: Int64, by actor: Author, _ tell: (Int) async throws -> Void = { _ in }
  ) async throws {
    guard let run = try await catalog.beginApplying(id, by: actor) else { throw RetentionRefusal.noPlan(id) }
    guard run.undone == nil else { throw RetentionRefusal.undone(id) }
    var after: Int64?
    while true {
      let parts = try await catalog.retentionParts(of: id, after: after, limit: Self.page)
      for part in parts where !part.isDone { try await apply(part, by: actor, tell) }
      guard parts.count == Self.page else { return }
      after = parts.last?.id
    }
  }

  private func apply(_ part: RetentionPart, by actor: Author, _ tell: (Int) async throws -> Void) async throws {
    try await flushPulls()
    guard let removals = try await catalog.removals(of: part.id) else { return }
    let count = removals.removals.count
    var done = part.done
    while done < count {
      if let looked = try await catalog.applyRetention(removals, from: done, count: Self.batch, by: actor) {
        noteChanges()
        done += looked
        try await tell(looked)
        continue
      }
      // Somebody else applies the same run, or has undone it.
      guard let now = try await catalog.retentionParts(of: part.run, after: part.id - 1, limit: 1).first,
        now.id == part.id, now.done > done
      else { throw RetentionRefusal.undone(part.run) }
      done = now.done
    }
  }
}

extension RetentionRunner {
  // MARK: Undo

  /// Brings back what a run took, as far as it is in the trash and nothing has taken its place; where it was begun before,
  /// it goes on. What a run has not yet taken it does not take any more.
  ///
  /// - Parameter tell: is called after each transaction with how many things were looked at in it.
  /// - Throws: `RetentionRefusal` where nothing was applied; `CatalogError`.
  public func undo(_ id: Int64, by actor: Author, _ tell: (Int) async throws -> Void = { _ in }) async throws {
    guard try await catalog.beginUndoing(id, by: actor) != nil else { throw RetentionRefusal.notApplied(id) }
    var after: Int64?
    while true {
      let parts = try await catalog.retentionParts(of: id, after: after, limit: Self.page)
      for part in parts where part.done > 0 {
        guard let removals = try await catalog.removals(of: part.id) else { continue }
        while case let looked = try await catalog.undoRetention(removals, count: Self.batch, by: actor), looked > 0 {
          noteChanges()
          try await tell(looked)
        }
      }
      guard parts.count == Self.page else { return }
      after = parts.last?.id
    }
  }
}

/// Why a run is not applied, or not undone.
public enum RetentionRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no such run, or its plan was never finished.
  case noPlan(Int64)
  /// It was undone.
  case undone(Int64)
  /// Nothing of it was applied.
  case notApplied(Int64)

  /// What was wrong, and what would be right.
  public var description: String {
    switch self {
    case .noPlan(let id): "there is no whole plan \(id): `berth retention runs` lists them, and a new one is soon made"
    case .undone(let id): "the run \(id) was undone, and is not applied again: make a new plan"
    case .notApplied(let id): "the run \(id) was not applied, so there is nothing to undo"
    }
  }
}
