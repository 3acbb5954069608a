public import OCI

/// Repositories and manifests as packages and versions, which have numbers and pages that have numbers, as GitHub's API
/// has them.
///
/// A page costs as much as all that stands before it: where the next one begins cannot be told by its number alone. Lists
/// without end are elsewhere, with pages that begin behind a name.
public protocol PackageCatalog: Sendable {
  // MARK: Packages

  /// The packages of an owner that a filter and a rule of the caller's let through, in the order of their names' bytes.
  ///
  /// A repository whose name is the owner's alone has no name as a package, and is none.
  func packages(
    of owner: AccountName, _ filter: RepositoryFilter,
    where isListed: @escaping @Sendable (RepositoryName, Visibility) -> Bool, page: PageNumber
  ) async throws(CatalogError) -> NumberedPage<Package>

  /// A repository that holds a manifest, as a package.
  func package(_ repository: RepositoryName) async throws(CatalogError) -> Package?

  /// Hides all manifests of a repository and ends their tags, or nothing; the repository and its id stay.
  ///
  /// - Returns: whether it held any.
  /// - Throws: also `refused` where a rule keeps a tag or a manifest of it, or one is held.
  func deletePackage(_ repository: RepositoryName, by actor: Author) async throws(CatalogError) -> Bool

  /// Shows again what was last deleted together in a repository that holds nothing, with the tags that it had.
  func restorePackage(_ repository: RepositoryName, by actor: Author) async throws(CatalogError) -> PackageRestoration

  // MARK: Versions

  /// A repository's manifests: those that are there by their ids, the newest first, and those in the trash by when that
  /// lets go of them, the last first.
  func versions(
    of repository: RepositoryName, _ state: PackageVersion.State, page: PageNumber
  ) async throws(CatalogError) -> NumberedPage<PackageVersion>

  /// A manifest of a repository.
  func version(
    _ id: Int64, of repository: RepositoryName, _ state: PackageVersion.State
  ) async throws(CatalogError) -> PackageVersion?

  /// Hides a manifest and ends its tags, unless no other manifest of its repository has a tag then.
  ///
  /// - Throws: also `refused` where a rule keeps one of them, or it, or it is held.
  func deleteVersion(
    _ id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> VersionDeletion

  /// Ends a tag where it names a manifest; the manifest and its other tags stay.
  ///
  /// - Returns: whether it was there and named that.
  /// - Throws: also `refused` where a rule keeps it.
  func deleteTag(
    _ tag: Tag, ofVersion id: Int64, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool
}

/// What became of a request to restore a package.
public enum PackageRestoration: Hashable, Sendable {
  case restored
  /// The repository holds manifests by now.
  case inUse
  /// Nothing of it is in the trash.
  case unknown
}

/// What became of a request to delete a version.
public enum VersionDeletion: Hashable, Sendable {
  /// It went, and had this digest.
  case deleted(Digest)
  case unknown
  /// It stays, because this index lists it.
  case needed(by: Digest)
  /// It stays, because it alone has tags.
  case lastTagged
}
