public import Catalog
internal import OCI

extension AccessControl {
  /// Lets nobody by but who may say what is kept of an owner's repositories: who has the role `admin` there, and
  /// administrators of the registry.
  ///
  /// - Parameter owner: nil stands for all owners.
  public func requireProtection(
    of owner: AccountName?, _ caller: Caller, to doing: String
  ) throws(AccessError) {
    guard let owner else { return try requireAdministrator(caller, to: doing) }
    try requireAdministration(of: owner, caller, to: doing)
  }

  /// Whether somebody may see what is kept of an owner's repositories: who has a role there may, and everybody may see
  /// what holds for all owners, which nil stands for.
  public func maySeeProtection(of owner: AccountName?, _ caller: Caller) -> Bool {
    guard let owner else { return true }
    return caller.identity.isAdministrator || caller.identity.role(in: owner) != nil
  }
}
