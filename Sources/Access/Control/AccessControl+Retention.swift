public import Catalog
internal import OCI

extension AccessControl {
  /// Lets nobody by but who may say what is kept in a scope: who has the role `admin` in its owner, and administrators of
  /// the registry.
  public func requireRetention(
    of scope: RetentionScope, _ caller: Caller, to doing: String
  ) throws(AccessError) {
    guard let owner = scope.owner else { return try requireAdministrator(caller, to: doing) }
    try requireAdministration(of: owner, caller, to: doing)
  }

  /// Whether somebody may see the policy of a scope: who has a role in its owner may, and everybody may see that of the
  /// whole registry.
  public func maySeeRetentionPolicy(of scope: RetentionScope, _ caller: Caller) -> Bool {
    guard let owner = scope.owner else { return true }
    return caller.identity.isAdministrator || caller.identity.role(in: owner) != nil
  }

  /// Whether somebody may see what a run takes: who may make one.
  public func maySeeRetentionRun(of scope: RetentionScope, _ caller: Caller) -> Bool {
    guard let owner = scope.owner else { return caller.identity.mayManage && caller.identity.isAdministrator }
    return mayAdminister(owner, caller)
  }
}
