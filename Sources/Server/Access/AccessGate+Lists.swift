import Access
import Catalog
import OCI
import Registry

/// A page of the repositories that a caller may see.
struct ReadableRepositories {
  let names: [RepositoryName]
  /// Whether there are more behind the last of them.
  let hasMore: Bool
}

extension AccessGate {
  /// Repositories that somebody may see, in the order of their names' bytes, after one name.
  ///
  /// What the credential is limited to is looked at before the page is cut, so that not even its end, which `Link`
  /// names, tells of a repository that may not be seen.
  func repositories(
    of registry: Registry, for caller: Caller, after: String?, limit: Int
  ) async throws(RegistryError) -> ReadableRepositories {
    let filter = filter(for: caller)
    var names: [RepositoryName] = []
    var (place, hasMore, size) = (after, limit > 0, limit + 1)
    while hasMore, names.count <= limit {
      let page = try await registry.repositories(filter, after: place, limit: size)
      names += page.elements.filter { caller.identity.lists($0) }
      (place, hasMore, size) = (page.elements.last?.value, page.hasMore, Self.furtherSize)
    }
    return ReadableRepositories(names: Array(names.prefix(limit)), hasMore: names.count > limit)
  }

  /// How many names are looked through at a time, once a page had too few that may be seen.
  private static let furtherSize = 1_000
}
