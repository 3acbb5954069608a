public import Catalog
public import OCI

extension AccessControl {
  /// What decides about access to a repository, for whoever may pull from it.
  ///
  /// - Throws: `unknown`, also where the caller may not know.
  public func repository(
    _ repository: RepositoryName, for caller: Caller
  ) async throws(AccessError) -> RepositoryAccess {
    let facts = try await facts(about: repository)
    guard facts.exists, try await decide(caller.identity, .pull, repository).isAllowed else {
      throw .unknown("there is no repository \(repository), or you may not see it")
    }
    return facts
  }

  /// Makes a repository without anything in it.
  public func createRepository(
    _ repository: RepositoryName, visibility: Visibility?, by caller: Caller
  ) async throws(AccessError) {
    try requireAdministration(of: AccountName(ownerOf: repository), caller, to: "make the repository \(repository)")
    let isMade = try await change { () throws(CatalogError) in
      try await catalog.createRepository(repository, visibility: visibility, by: caller.actor)
    }
    guard isMade else { throw .conflict("there is a repository \(repository) already") }
  }

  /// Changes who may pull from a repository; nil stands for its owner's default.
  public func setVisibility(
    _ visibility: Visibility?, of repository: RepositoryName, by caller: Caller
  ) async throws(AccessError) {
    try requireAdministration(
      of: AccountName(ownerOf: repository), caller, to: "change the visibility of \(repository)")
    let isThere = try await change { () throws(CatalogError) in
      try await catalog.setVisibility(visibility, of: repository, by: caller.actor)
    }
    guard isThere else {
      throw .unknown("there is no repository \(repository): push to it, or make it by `berth repository create`")
    }
  }

  /// Lets nobody by but who may say how long the trash of an owner's repositories is kept.
  public func requireTrashWindow(of owner: AccountName, _ caller: Caller) throws(AccessError) {
    try requireAdministration(of: owner, caller, to: "change how long the trash of \(owner) is kept")
  }

  /// A repository that has a blob, and from which somebody may pull.
  public func repository(
    holding blob: Digest, readableBy identity: Identity
  ) async throws(AccessError) -> RepositoryName? {
    let holding = try await lookUp { () throws(CatalogError) in
      try await catalog.repositories(holding: blob, limit: Self.mountCandidates)
    }
    for repository in holding where try await decide(identity, .pull, repository).isAllowed { return repository }
    return nil
  }

  /// In how many repositories a blob is looked for that is to be mounted from any: an upload is always the way out.
  private static let mountCandidates = 50

  /// Which rule allows or denies an action to a user.
  ///
  /// - Parameter user: nil stands for the caller.
  public func explain(
    _ action: RepositoryAction, on repository: RepositoryName, as user: AccountName?, for caller: Caller
  ) async throws(AccessError) -> Decision {
    guard let user, user.value != caller.identity.name else {
      return try await decide(caller.identity, action, repository)
    }
    try requireAdministration(
      of: AccountName(ownerOf: repository), caller, to: "explain what others may do with \(repository)")
    let account = try await lookUp { () throws(CatalogError) in try await catalog.account(user) }
    guard let account, account.kind == .user else { throw .unknown("there is no user \(user)") }
    return try await decide(
      Identity(.user(account, roles: try await roles(of: account))), action, repository)
  }
}
