internal import OCI
public import RegistryClient

/// Makes repositories the same as others, by rules.
public struct Sync: Sendable {
  /// How many questions are asked at the same time; the client limits them for each host.
  static let questionsAtOnce = 64

  private let client: RegistryClient
  private let journal: UploadJournal?
  private let imagesAtOnce: Int

  /// Takes what is needed.
  ///
  /// - Parameters:
  ///   - client: speaks to the registries.
  ///   - journal: remembers uploads that are to go on after a restart.
  ///   - imagesAtOnce: how many images are copied at the same time.
  public init(_ client: RegistryClient, journal: UploadJournal? = nil, imagesAtOnce: Int = 3) {
    self.client = client
    self.journal = journal
    self.imagesAtOnce = imagesAtOnce
  }

  /// Lists what there is, and finds out what has to be done, by HEAD requests for each tag.
  ///
  /// - Throws: nothing but `CancellationError`; what fails is in the plan.
  public func plan(_ rules: [SyncRule]) async throws -> SyncPlan {
    let found = try await Array(rules.indices).concurrently(Self.questionsAtOnce) { index in
      await Self.collecting("\(rules[index].target.host)") { try await pairs(rules, index) }
    }
    let listings = try await found.flatMap { $0.found }.concurrently(Self.questionsAtOnce) { pair in
      await Self.collecting("\(pair.source)") { [try await list(pair, rules[pair.rule])] }
    }
    var plan = SyncPlan(rules, listings.flatMap { $0.found })
    plan.failures = found.flatMap { $0.failures } + listings.flatMap { $0.failures } + plan.failures
    return try await compared(plan)
  }

  /// Does what a plan says; a failure does not stop the rest.
  ///
  /// - Parameter report: is told how each step ended, from any task.
  /// - Throws: nothing but `CancellationError`.
  public func run(
    _ plan: SyncPlan, report: @escaping @Sendable (SyncReport.Step) -> Void = { _ in },
    progress: @escaping @Sendable (SyncPlan.Copy, CopyProgress) -> Void = { _, _ in }
  ) async throws -> SyncReport {
    let steps = try await plan.copies.filter { !$0.isUpToDate }.concurrently(imagesAtOnce) { copy in
      try Task.checkCancellation()
      let step = await Self.step(.copy(copy)) {
        try await self.copy(copy, plan.rules[copy.rule]) { progress(copy, $0) }
      }
      report(step)
      return step
    }
    let removals = try await plan.removals.concurrently(Self.questionsAtOnce) { removal in
      try Task.checkCancellation()
      let step = await Self.step(.removal(removal)) { try await remove(removal) }
      report(step)
      return step
    }
    return SyncReport(
      upToDate: plan.copies.count { $0.isUpToDate }, steps: steps + removals, failures: plan.failures)
  }

  private static func step(
    _ work: SyncReport.Work, _ body: () async throws -> SyncReport.Outcome
  ) async -> SyncReport.Step {
    do {
      return SyncReport.Step(work: work, outcome: try await body())
    } catch {
      return SyncReport.Step(work: work, outcome: .failed(error))
    }
  }

  private func images(_ reference: ImageReference) -> RemoteImages {
    RemoteImages(client.repository(reference.repository, at: reference.registry), journal: journal)
  }
}

extension Sync {
  private struct Pair: Sendable {
    let rule: Int
    let source: ImageReference
    let target: ImageReference
  }

  private static func collecting<Found: Sendable>(
    _ place: String, _ body: () async throws -> [Found]
  ) async -> (found: [Found], failures: [SyncPlan.Failure]) {
    do {
      return (try await body(), [])
    } catch {
      return ([], [SyncPlan.Failure(place: place, description: "\(error)")])
    }
  }

  private func pairs(_ rules: [SyncRule], _ index: Int) async throws -> [Pair] {
    let rule = rules[index]
    let (host, names): (RegistryHost, [RepositoryName])
    switch rule.source {
    case .repository(let registry, let name): (host, names) = (registry, [name])
    case .registry(let registry, let including, let excluding):
      let all = try await client.registry(registry).repositories().all()
      host = registry
      names = all.filter { name in
        (including.isEmpty || including.contains { $0.matches(name.value) })
          && !excluding.contains { $0.matches(name.value) }
      }
    }
    return try names.map { name in
      Pair(
        rule: index, source: ImageReference(registry: host, repository: name),
        target: ImageReference(registry: rule.target.host, repository: try rule.targetRepository(of: name)))
    }
  }

  private func list(_ pair: Pair, _ rule: SyncRule) async throws -> SyncListing {
    async let sourceTags = images(pair.source).repository.tags().all()
    let targetTags = rule.prunes ? try await tagsOfTarget(pair.target) : []
    return SyncListing(
      rule: pair.rule, source: pair.source, target: pair.target, sourceTags: try await sourceTags,
      targetTags: targetTags)
  }

  /// A repository that is yet to be made has no tags.
  private func tagsOfTarget(_ target: ImageReference) async throws -> [Tag] {
    do {
      return try await images(target).repository.asTarget.tags().all()
    } catch let error as RegistryClientError where error.code == .notFound {
      return []
    }
  }

  /// Marks what is there already. A part of an index, and what refers to an image, take more than a HEAD request to
  /// compare, and are left to the copy, which looks before it writes.
  private func compared(_ plan: SyncPlan) async throws -> SyncPlan {
    var plan = plan
    let rules = plan.rules
    plan.copies = try await plan.copies.concurrently(Self.questionsAtOnce) { copy in
      let rule = rules[copy.rule]
      guard rule.platforms.isEmpty, !rule.referrers else { return copy }
      var compared = copy
      async let there = images(copy.target).repository.asTarget.head(copy.target.reference)
      async let here = images(copy.source).repository.head(copy.source.reference)
      do {
        let (there, here) = (try await there, try await here)
        compared.isUpToDate = there != nil && there?.digest == here?.digest
      } catch {
        // The copy asks again, and reports what it is told.
        compared.isUpToDate = false
      }
      return compared
    }
    try Task.checkCancellation()
    return plan
  }

  private func copy(
    _ copy: SyncPlan.Copy, _ rule: SyncRule, _ progress: @escaping @Sendable (CopyProgress) -> Void
  ) async throws -> SyncReport.Outcome {
    var options = CopyOptions()
    options.platforms = rule.platforms
    options.referrers = rule.referrers
    let name = copy.source.tag.map { ImageName.name(RefName($0)) }
    let destination = CopyDestination(images(copy.target), names: [copy.target.tag ?? .latest].map { RefName($0) })
    let report = try await Copier(options, report: progress).copy(name, from: images(copy.source), to: [destination])
    if let failure = report.failure { throw failure }
    if case .upToDate = report.destinations[0].outcome { return .upToDate }
    return .done(report.destinations[0].tally)
  }

  private func remove(_ removal: SyncPlan.Removal) async throws -> SyncReport.Outcome {
    guard let tag = removal.target.tag, try await images(removal.target).repository.deleteAlone(tag) else {
      throw ImagesError(
        .unsupported,
        "\(removal.target.registry) cannot delete a tag alone, and deleting the manifest would take its other tags away"
      )
    }
    return .done(CopyTally())
  }
}
