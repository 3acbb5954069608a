public import Catalog
internal import OCI

extension AccessControl {
  /// Lets nobody by but who may say what happens to what is in a scope, and who is told of it: who has the role `admin` in
  /// its owner, and administrators of the registry.
  public func requireAdministration(
    of scope: RepositoryScope, _ caller: Caller, to doing: String
  ) throws(AccessError) {
    guard let owner = scope.owner else { return try requireAdministrator(caller, to: doing) }
    try requireAdministration(of: owner, caller, to: doing)
  }

  /// Whether `requireAdministration` lets somebody by, who then may also see what a retention run takes, and the webhooks,
  /// whose URLs may hold secrets.
  public func mayAdminister(_ scope: RepositoryScope, _ caller: Caller) -> Bool {
    guard let owner = scope.owner else { return caller.identity.mayManage && caller.identity.isAdministrator }
    return mayAdminister(owner, caller)
  }

  /// Whether somebody may see the retention policy of a scope: who has a role in its owner may, and everybody may see that
  /// of the whole registry.
  public func maySeeRetentionPolicy(of scope: RepositoryScope, _ caller: Caller) -> Bool {
    guard let owner = scope.owner else { return true }
    return caller.identity.isAdministrator || caller.identity.role(in: owner) != nil
  }
}
