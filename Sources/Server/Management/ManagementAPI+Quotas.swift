import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  /// `GET`, `PUT` and `DELETE /api/v1/quotas`.
  func quotas(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    switch call.method {
    case .put: try await setQuota(call, route)
    case .delete: try await removeQuota(call)
    default: try await listQuotas(call)
    }
  }

  private func listQuotas(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    let (caller, control) = (call.caller, gate.control)
    let only = call.query["scope"] == nil ? nil : try quotaScope(call.query["scope"])
    let quotas: [QuotaRecord]
    do {
      if let only {
        let isSeen = control?.maySeeQuota(of: only, caller) ?? true
        quotas = isSeen ? [try await catalog.quota(of: only)].compactMap { $0 } : []
      } else {
        quotas = try await catalog.quotas(
          where: { control?.maySeeQuota(of: $0, caller) ?? true }, after: call.query["last"], limit: limit + 1)
      }
    } catch {
      throw RegistryError(error)
    }
    return page(quotas, limit, call, name: \.quota.scope.description, json: \.json)
  }

  private func setQuota(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let scope = try quotaScope(body.string("scope"))
    try requireQuotas(call, to: "set the quota of \(scope)")
    if case .repository(let repository) = scope { try mirror.requireLocal(repository) }
    guard let limit = body.integer("limit"), limit >= 0 else {
      throw RegistryError(.unsupported, "limit is a number of bytes from 0 to \(Int64.max)", status: 400)
    }
    do {
      return .json(try await catalog.setQuota(limit, of: scope, by: call.caller.actor).json)
    } catch {
      throw RegistryError(error)
    }
  }

  private func removeQuota(_ call: Call) async throws(RegistryError) -> Answer {
    let scope = try quotaScope(call.query["scope"])
    try requireQuotas(call, to: "take away the quota of \(scope)")
    let isRemoved: Bool
    do {
      isRemoved = try await catalog.removeQuota(of: scope, by: call.caller.actor)
    } catch {
      throw RegistryError(error)
    }
    guard isRemoved else {
      throw RegistryError(.nameUnknown, "\(scope) has no quota; `berth quota list` shows those there are")
    }
    return Answer(.noContent)
  }

  private func quotaScope(_ text: String?) throws(RegistryError) -> QuotaScope {
    do {
      return try QuotaScope(parsing: text ?? "")
    } catch {
      throw RegistryError(.nameInvalid, "scope: \(error)")
    }
  }

  /// Lets nobody by but administrators of the registry: an owner cannot say how much room it has.
  private func requireQuotas(_ call: Call, to doing: String) throws(RegistryError) {
    guard let control = gate.control else { return }
    do {
      try control.requireAdministrator(call.caller, to: doing)
    } catch {
      throw RegistryError(error)
    }
  }
}

extension QuotaRecord {
  fileprivate var json: String {
    JSONText.object([
      ("scope", JSONText.string(quota.scope.description)), ("limit", String(quota.limit)),
      ("used", String(quota.used)), ("setAt", JSONText.string(setAt.rfc3339)), ("setBy", JSONText.string(setBy)),
    ])
  }
}
