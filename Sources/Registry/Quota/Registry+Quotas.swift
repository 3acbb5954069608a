public import Catalog
public import OCI

extension Registry {
  /// Records that somebody was refused for a quota, where that is what an error is about: once until there is less than
  /// there was then.
  public func noteExceeded(_ error: RegistryError, by actor: Author) async throws(RegistryError) {
    guard error.isForQuota, let scope = error.detail["quota"].flatMap({ try? QuotaScope(parsing: $0) }),
      let repository = error.detail["name"].flatMap({ try? RepositoryName(parsing: $0) }),
      let needed = error.detail["needed"].flatMap({ Int64($0) })
    else { return }
    try await reporting {
      try await catalog.noteExceeded(scope, in: repository, needed: needed, by: actor)
      changes.raise()
    }
  }
}
