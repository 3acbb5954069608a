import Access
import Catalog
import HTTPTypes
import OCI
import Registry
import Retention
import YAMLFiles

extension ManagementAPI {
  /// `GET`, `PUT` and `DELETE /api/v1/retention/policies`.
  func retentionPolicies(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    switch call.method {
    case .put: try await setRetentionPolicy(call, route)
    case .delete: try await removeRetentionPolicy(call)
    default: try await listRetentionPolicies(call)
    }
  }

  private func listRetentionPolicies(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    let (caller, control) = (call.caller, gate.control)
    let only = call.query["scope"] == nil ? nil : try scope(call.query["scope"])
    let policies: [RetentionPolicyRecord]
    do {
      policies = try await catalog.retentionPolicies(
        where: { scope in
          (only == nil || scope == only) && control?.maySeeRetentionPolicy(of: scope, caller) ?? true
        }, after: call.query["last"], limit: limit + 1)
    } catch {
      throw RegistryError(error)
    }
    return page(policies, limit, call, name: \.scope.description, json: \.json)
  }

  private func setRetentionPolicy(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let scope = try scope(body.string("scope"))
    try requireAdministration(of: scope, call, to: "set the retention policy of \(scope)")
    let text = body.string("policy") ?? ""
    do {
      _ = try RetentionPolicy(parsing: Array(text.utf8))
    } catch {
      throw RegistryError(.unsupported, "policy: \(error)", status: 400)
    }
    do {
      return .json(try await catalog.setRetentionPolicy(text, for: scope, by: call.caller.actor).json)
    } catch {
      throw RegistryError(error)
    }
  }

  private func removeRetentionPolicy(_ call: Call) async throws(RegistryError) -> Answer {
    let scope = try scope(call.query["scope"])
    try requireAdministration(of: scope, call, to: "remove the retention policy of \(scope)")
    let isRemoved: Bool
    do {
      isRemoved = try await catalog.removeRetentionPolicy(of: scope, by: call.caller.actor)
    } catch {
      throw RegistryError(error)
    }
    guard isRemoved else {
      throw RegistryError(
        .nameUnknown, "\(scope) has no retention policy; `berth retention show` lists those there are")
    }
    return Answer(.noContent)
  }
}

extension RetentionPolicyRecord {
  fileprivate var json: String {
    JSONText.object([
      ("scope", JSONText.string(scope.description)), ("policy", JSONText.string(text)),
      ("setAt", JSONText.string(setAt.rfc3339)), ("setBy", JSONText.string(setBy)),
    ])
  }
}
