public import Catalog
public import OCI

/// What was restored.
public struct RestoredManifest: Hashable, Sendable {
  /// What is there again.
  public let digest: Digest
  /// The manifests that were hidden.
  public let manifests: [Digest]
  /// The tags that name it again.
  public let tags: [Tag]
  /// Tags that name something else by now, and were left alone.
  public let taken: [Tag]
}

extension Registry {
  /// Manifests in the trash, of one repository or all, what goes first at the front, after one.
  public func trashedManifests(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(RegistryError) -> Page<TrashedManifest> {
    try await reporting {
      Page(try await catalog.trashedManifests(in: repository, after: place, limit: limit + 1), limit: limit)
    }
  }

  /// Deleted tags that can be restored, of one repository or all, what goes first at the front, after one.
  public func trashedTags(
    in repository: RepositoryName?, after place: TrashPlace?, limit: Int
  ) async throws(RegistryError) -> Page<TrashedTag> {
    try await reporting {
      Page(try await catalog.trashedTags(in: repository, after: place, limit: limit + 1), limit: limit)
    }
  }

  /// Restores a tag or a manifest, with all that belongs to it.
  ///
  /// - Throws: `MANIFEST_UNKNOWN` where it is not in the trash, 410 where what the tag named is gone; `DENIED`, 409, where
  ///   the tag names something else by now.
  public func restore(_ restoration: Restoration) async throws(RegistryError) -> RestoredManifest {
    let (reference, repository) = (restoration.reference, restoration.repository)
    return try await reporting {
      switch try await catalog.restore(restoration) {
      case .restored(let digest, let manifests, let tags, let taken):
        manifestCache.invalidate(tags.map { .tag($0) } + manifests.map { .digest($0) }, in: repository)
        changes.raise()
        return RestoredManifest(digest: digest, manifests: manifests, tags: tags, taken: taken)
      case .unchanged(let digest):
        return RestoredManifest(digest: digest, manifests: [], tags: [], taken: [])
      case .unknown:
        throw RegistryError(
          .manifestUnknown,
          "\(reference) is not in the trash of \(repository); `berth trash list \(repository)` shows what is",
          detail: ["name": repository.value, "reference": reference.description])
      case .taken(let now):
        throw RegistryError(
          .denied,
          "\(repository):\(reference) names \(now) by now; `berth rollback` has it name again what it named before",
          detail: ["digest": now.description], status: 409)
      case .gone(let digest): throw Self.gone(digest, repository)
      }
    }
  }

  /// How many things one transaction lets go of, so that pushes do not wait for long.
  private static let releasedAtOnce = 64

  /// Empties the trash of one repository or all; the collector goes on with what was in it.
  public func emptyTrash(
    of repository: RepositoryName?, by actor: Author
  ) async throws(RegistryError) -> TrashCount {
    try await reporting {
      let count = try await catalog.emptyTrash(of: repository, by: actor)
      // From now on, and not from the next collection on, it waits for the grace time.
      while try await catalog.releaseTrash(keptUntil: .now, limit: Self.releasedAtOnce).reviewed > 0 {}
      return count
    }
  }

  /// How long an owner's trash is kept, and whether that is what holds for all owners that say nothing.
  public func trashWindow(
    of owner: AccountName
  ) async throws(RegistryError) -> (window: Duration, isStandard: Bool) {
    try await reporting {
      if let own = try await catalog.trashWindow(of: owner) { return (own, false) }
      return (try await catalog.standardTrashWindow(), true)
    }
  }

  /// Sets how long an owner's trash is kept; nil has it kept as that of others.
  public func setTrashWindow(
    _ window: Duration?, of owner: AccountName, by actor: Author
  ) async throws(RegistryError) {
    try await reporting { try await catalog.setTrashWindow(window, of: owner, by: actor) }
  }
}
