public import Catalog
public import OCI

extension Registry {
  /// A tag's lifetimes, the newest first, after one row.
  ///
  /// - Throws: `MANIFEST_UNKNOWN` where there has never been such a tag.
  public func lifetimes(
    of tag: Tag, in repository: RepositoryName, after row: Int64?, limit: Int
  ) async throws(RegistryError) -> Page<TagLifetime> {
    try await reporting {
      let lifetimes = try await catalog.lifetimes(of: tag, in: repository, after: row, limit: limit + 1)
      guard !lifetimes.isEmpty || row != nil else { throw Self.neverSet(tag, repository) }
      return Page(lifetimes, limit: limit)
    }
  }

  /// What a tag named at a moment.
  ///
  /// - Throws: `MANIFEST_UNKNOWN`, which says from when on it named something, or since when no longer.
  public func lifetime(
    of tag: Tag, in repository: RepositoryName, at moment: Timestamp
  ) async throws(RegistryError) -> TagLifetime {
    try await reporting {
      let found = try await catalog.lifetime(of: tag, in: repository, at: moment)
      guard case .named(let lifetime) = found else {
        throw Self.namedNothing(found, tag, repository, at: moment)
      }
      return lifetime
    }
  }

  static func namedNothing(
    _ found: TagAtMoment, _ tag: Tag, _ repository: RepositoryName, at moment: Timestamp
  ) -> RegistryError {
    let (what, name) = ("\(repository):\(tag)", moment.preciseRFC3339)
    return switch found {
    case .deleted(let last):
      RegistryError(
        .manifestUnknown,
        "there was no \(what) at \(name): it was deleted at \(last.end?.at.preciseRFC3339 ?? name), and named "
          + "\(last.digest) before",
        detail: ["digest": last.digest.description])
    case .notYet(let first):
      RegistryError(
        .manifestUnknown,
        "there was no \(what) at \(name): it was set for the first time at \(first.beganAt.preciseRFC3339)",
        detail: ["since": first.beganAt.preciseRFC3339])
    case .neverSet, .named: neverSet(tag, repository)
    }
  }

  static func neverSet(_ tag: Tag, _ repository: RepositoryName) -> RegistryError {
    RegistryError(
      .manifestUnknown, "there has never been a tag \(repository):\(tag)",
      detail: ["name": repository.value, "reference": tag.value])
  }
}
