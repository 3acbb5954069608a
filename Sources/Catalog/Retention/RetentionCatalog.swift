public import OCI

/// What retention asks of a catalogue.
public protocol RetentionCatalog: PullCatalog {
  /// Everything in a repository that is not deleted, as it is at one moment; nil where there is no such repository.
  func contents(of repository: RepositoryName) async throws(CatalogError) -> RepositoryContents?
}
