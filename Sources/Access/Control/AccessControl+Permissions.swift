internal import Catalog
internal import OCI

extension AccessControl {
  /// Lets nobody by but administrators of the registry.
  public func requireAdministrator(_ caller: Caller, to doing: String) throws(AccessError) {
    guard caller.identity.mayManage, caller.identity.isAdministrator else {
      throw refuse(caller, doing, takes: "an administrator of the registry", which: "is not")
    }
  }

  /// Lets nobody by but who has the role `admin` in an owner of repositories, and administrators of the registry.
  func requireAdministration(of owner: AccountName, _ caller: Caller, to doing: String) throws(AccessError) {
    guard mayAdminister(owner, caller) else {
      throw refuse(caller, doing, takes: "the role admin in \(owner)", which: "does not have")
    }
  }

  func mayAdminister(_ owner: AccountName, _ caller: Caller) -> Bool {
    caller.identity.mayManage && (caller.identity.isAdministrator || caller.identity.role(in: owner) == .admin)
  }

  /// Why a caller is refused, which is noted.
  private func refuse(_ caller: Caller, _ doing: String, takes role: String, which lacks: String) -> AccessError {
    denials.note(caller.actor, .manage, subject: doing)
    guard !caller.identity.isAnonymous else { return .invalidCredentials("to \(doing) takes \(role): log in") }
    if !caller.identity.mayManage {
      return .denied("to \(doing) takes a password or a token with the scope admin, not \(credential(of: caller))")
    }
    return .denied("to \(doing) takes \(role), which \(caller.identity.name) \(lacks)")
  }

  private func credential(of caller: Caller) -> String {
    caller.identity.grants != nil ? "an access token for repositories" : caller.identity.limits?.token ?? "this one"
  }
}
