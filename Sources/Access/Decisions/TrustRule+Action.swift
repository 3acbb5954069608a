internal import OCI

extension TrustRule {
  /// Whether one of its grants allows an action on a repository.
  func allows(_ action: RepositoryAction, on repository: RepositoryName) -> Bool {
    grants.contains { grant in
      action.scopes.contains(where: grant.scopes.contains)
        && grant.repositories.contains { $0.matches(repository.value) }
    }
  }
}
