public import Catalog
public import OCI

extension Registry {
  /// The packages of an owner that a filter and a rule of the caller's let through, in the order of their names' bytes.
  public func packages(
    of owner: AccountName, _ filter: RepositoryFilter,
    where isListed: @escaping @Sendable (RepositoryName, Visibility) -> Bool, page: PageNumber
  ) async throws(RegistryError) -> NumberedPage<Package> {
    try await reporting { try await catalog.packages(of: owner, filter, where: isListed, page: page) }
  }

  /// A repository that holds a manifest, as a package; nil where there is none.
  public func package(_ repository: RepositoryName) async throws(RegistryError) -> Package? {
    try await reporting { try await catalog.package(repository) }
  }

  /// Deletes all manifests and tags of a repository, or nothing.
  ///
  /// - Returns: whether it held any.
  /// - Throws: `DENIED`, 409, where a rule keeps a tag or a manifest of it, or one is held.
  public func deletePackage(_ repository: RepositoryName, by actor: Author) async throws(RegistryError) -> Bool {
    try await reporting {
      guard try await catalog.deletePackage(repository, by: actor) else { return false }
      noteChanges()
      return true
    }
  }

  /// Restores what was last deleted together in a repository that holds nothing.
  public func restorePackage(
    _ repository: RepositoryName, by actor: Author
  ) async throws(RegistryError) -> PackageRestoration {
    try await reporting {
      let outcome = try await catalog.restorePackage(repository, by: actor)
      if outcome == .restored { noteChanges() }
      return outcome
    }
  }

  /// A repository's manifests, as versions of a package.
  public func versions(
    of repository: RepositoryName, _ state: PackageVersion.State, page: PageNumber
  ) async throws(RegistryError) -> NumberedPage<PackageVersion> {
    try await reporting { try await catalog.versions(of: repository, state, page: page) }
  }

  /// A manifest of a repository, as a version of a package; nil where there is none.
  public func version(
    _ id: Int64, of repository: RepositoryName, _ state: PackageVersion.State
  ) async throws(RegistryError) -> PackageVersion? {
    try await reporting { try await catalog.version(id, of: repository, state) }
  }

  /// Deletes a manifest with its tags, unless it alone has tags, or an index lists it.
  ///
  /// - Throws: `DENIED`, 409, where a rule keeps one of the tags, or the manifest, or it is held.
  public func deleteVersion(
    _ id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(RegistryError) -> VersionDeletion {
    try await reporting {
      let outcome = try await catalog.deleteVersion(id, of: repository, by: actor)
      if case .deleted(let digest) = outcome {
        manifestCache.invalidate([.digest(digest)], in: repository)
        changes.raise()
      }
      return outcome
    }
  }

  /// Deletes a tag where it names a manifest.
  ///
  /// - Returns: whether it was there and named that.
  /// - Throws: `DENIED`, 409, where a rule keeps it.
  public func deleteTag(
    _ tag: Tag, ofVersion id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(RegistryError) -> Bool {
    try await reporting {
      guard try await catalog.deleteTag(tag, ofVersion: id, of: repository, by: actor) else { return false }
      manifestCache.invalidate([.tag(tag)], in: repository)
      changes.raise()
      return true
    }
  }
}
