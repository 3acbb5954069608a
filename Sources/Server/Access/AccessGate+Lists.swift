import Access
import Catalog
import OCI
import Registry

extension AccessGate {
  /// Repositories that somebody may see, in the order of their names' bytes, after one name.
  ///
  /// What the credential is limited to is looked at before the page is cut, so that not even its end, which `Link`
  /// names, tells of a repository that may not be seen.
  func repositories(
    of registry: Registry, for caller: Caller, after: String?, limit: Int
  ) async throws(RegistryError) -> Page<RepositoryName> {
    try await registry.repositories(
      filter(for: caller), where: { caller.identity.lists($0) }, after: after, limit: limit)
  }
}
