public import Catalog

extension AccessControl {
  /// Whether somebody may see the quota of a scope, and how much there is: who has a role in its owner may.
  public func maySeeQuota(of scope: QuotaScope, _ caller: Caller) -> Bool {
    caller.identity.isAdministrator || caller.identity.role(in: scope.owner) != nil
  }
}
