public import Catalog
internal import OCI

extension AccessControl {
  /// Lets nobody by but who may say who is told of what happens in a scope: who has the role `admin` in its owner, and
  /// administrators of the registry.
  public func requireWebhooks(of scope: WebhookScope, _ caller: Caller, to doing: String) throws(AccessError) {
    guard let owner = scope.owner else { return try requireAdministrator(caller, to: doing) }
    try requireAdministration(of: owner, caller, to: doing)
  }

  /// Whether somebody may see the webhooks of a scope, whose URLs may hold secrets: who may make them.
  public func maySeeWebhooks(of scope: WebhookScope, _ caller: Caller) -> Bool {
    guard let owner = scope.owner else { return caller.identity.mayManage && caller.identity.isAdministrator }
    return mayAdminister(owner, caller)
  }
}
