internal import Catalog
internal import OCI

extension CatalogScenario {
  /// Has what is deleted in repositories of the scenario's owner be kept for a day.
  func keepTrash() async throws {
    try await catalog.setTrashWindow(.seconds(86_400), of: AccountName(ownerOf: repository), by: .somebody)
  }

  /// The digests in the trash of the repository.
  func trash() async throws -> Set<Digest> {
    Set(try await catalog.trashedManifests(in: repository, after: nil, limit: 1000).map(\.manifest.digest))
  }

  /// The deleted tags of the repository that can be restored.
  func trashedTags() async throws -> [Tag] {
    try await catalog.trashedTags(in: repository, after: nil, limit: 1000).map(\.tag).sorted { $0.value < $1.value }
  }

  func deleteTag(_ tag: String, by actor: Author = .somebody) async throws -> Bool {
    try await catalog.deleteTag(.named(tag), in: repository, by: actor)
  }

  @discardableResult
  func restore(_ reference: Reference, withTags: Bool = false) async throws -> RestorationOutcome {
    try await catalog.restore(Restoration(reference, in: repository, withTags: withTags, by: .somebody))
  }

  func rollBack(
    _ tag: String, to target: Rollback.Target = .previous, expected: ExpectedDigest = .anything
  ) async throws -> RollbackOutcome {
    try await catalog.rollBack(
      Rollback(repository: repository, tag: .named(tag), to: target, expected: expected, by: .somebody))
  }

  func promote(
    _ reference: Reference, to target: CatalogScenario? = nil, _ tags: [String], expected: ExpectedDigest = .anything
  ) async throws -> PromotionOutcome {
    try await catalog.promote(
      Promotion(
        source: repository, reference: reference, to: (target ?? self).repository, tags: tags.map { .named($0) },
        expected: expected, by: .somebody))
  }

  /// A tag's lifetimes, the newest first.
  func history(of tag: String) async throws -> [TagLifetime] {
    try await catalog.lifetimes(of: .named(tag), in: repository, after: nil, limit: 100)
  }

  /// A moment that is later than all that was done so far, and before all that comes.
  func moment() async -> Timestamp {
    let before = Timestamp.now
    while .now <= before { await Task.yield() }
    let moment = Timestamp.now
    while .now <= moment { await Task.yield() }
    return moment
  }

  /// The actions of the audit trail, the newest first.
  func auditedActions() async throws -> [AuditEvent.Action] {
    try await catalog.auditEvents(AuditQuery(limit: 1000)).map(\.action)
  }
}
