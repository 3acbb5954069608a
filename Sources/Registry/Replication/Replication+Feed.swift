internal import Catalog
internal import Locks
internal import OCI

extension Replication {
  /// How many events are looked at together.
  private static let page = 500
  /// How many events that nobody wanted may be read before the catalogue is told: a push that no rule wants costs no
  /// transaction, and after a restart no more than these are looked at once more.
  static let unremembered: Int64 = 1_000

  /// Makes jobs of what was changed since it was last read.
  func readFeed() async throws {
    while true {
      let (after, rules) = state.withLock { ($0.read, $0.rules.filter(\.onPush)) }
      let events = try await registry.catalog.auditEvents(after: after, limit: Self.page)
      guard let last = events.last?.id else { return }
      let wanted = Set(events.flatMap { event in self.wanted(by: rules, because: event) })
      if !wanted.isEmpty {
        try await registry.catalog.queueReplications(wanted, at: now(), havingRead: last)
      } else if last - state.withLock({ $0.remembered }) >= Self.unremembered {
        try await registry.catalog.move(.replication, to: last)
      } else {
        state.withLock { $0.read = last }
        continue
      }
      state.withLock { state in
        state.read = last
        state.remembered = last
      }
    }
  }

  private func wanted(by rules: [ReplicationRule], because event: AuditEvent) -> [WantedReplication] {
    rules.flatMap { rule -> [WantedReplication] in
      let references = rule.references(changedBy: event)
      guard !references.isEmpty, let name = event.repository, let repository = try? RepositoryName(parsing: name),
        !isMirror(repository)
      else { return [] }
      return references.map { WantedReplication(rule: rule.name, repository: repository, reference: $0) }
    }
  }
}
