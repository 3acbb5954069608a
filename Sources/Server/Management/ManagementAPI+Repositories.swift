import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  /// `GET /api/v1/whoami`.
  func identity(_ identity: Identity) -> Answer {
    let kind =
      switch identity.subject {
      case .everyone: "everyone"
      case .anonymous: "anonymous"
      case .user: "user"
      case .robot: "robot"
      case .workflow: "workflow"
      }
    var members = [
      ("name", JSONText.string(identity.name)), ("kind", JSONText.string(kind)),
      ("administrator", String(identity.isAdministrator)),
    ]
    if let credential = identity.credential { members.append(("credential", JSONText.string(credential))) }
    if let limits = identity.limits {
      members.append(("scopes", JSONText.array(limits.scopes.map(\.rawValue).sorted().map(JSONText.string))))
      members.append(("repositories", JSONText.array(limits.repositories.map { JSONText.string($0.pattern) })))
    }
    return .json(JSONText.object(members))
  }

  /// `GET /api/v1/repositories`: as `_catalog`, with pages of another size.
  func listRepositories(_ call: Call) async throws(RegistryError) -> Answer {
    guard call.caller.identity.mayListRepositories else {
      throw RegistryError(.denied, "this access token is not for lists of repositories")
    }
    let limit = try limit(call)
    let page = try await gate.repositories(of: registry, for: call.caller, after: call.query["last"], limit: limit)
    var answer = Answer.json(JSONText.array(page.elements.map { JSONText.string($0.value) }))
    if page.hasMore, let last = page.elements.last {
      answer.fields[.link] = Self.link(call, "last=\(PercentEncoding.encode(last.value))", limit)
    }
    return answer
  }

  func createRepository(_ call: Call, _ route: ManagementRoute, _ control: AccessControl) async throws(RegistryError)
    -> Answer
  {
    let body = try await body(of: call, route)
    let repository = try repository(body.string("name"))
    let visibility = body.string("visibility").flatMap(Visibility.init)
    try await allowing { () throws(AccessError) in
      try await control.createRepository(repository, visibility: visibility, by: call.caller)
    }
    return try await show(repository, call, control, status: .created)
  }

  func repository(
    _ repository: RepositoryName, _ call: Call, _ route: ManagementRoute, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    if call.method == .patch {
      let body = try await body(of: call, route)
      if body.has("visibility") {
        try await allowing { () throws(AccessError) in
          try await control.setVisibility(
            body.string("visibility").flatMap(Visibility.init), of: repository, by: call.caller)
        }
      }
    }
    return try await show(repository, call, control, status: .ok)
  }

  private func show(
    _ repository: RepositoryName, _ call: Call, _ control: AccessControl, status: HTTPResponse.Status
  ) async throws(RegistryError) -> Answer {
    let facts = try await allowing { () throws(AccessError) in
      try await control.repository(repository, for: call.caller)
    }
    return .json(
      JSONText.object([
        ("name", JSONText.string(repository.value)),
        ("visibility", JSONText.string(facts.effectiveVisibility.rawValue)),
        ("inherited", String(facts.visibility == nil)),
      ]), status: status)
  }

  /// `GET /api/v1/authorization`.
  func explain(_ call: Call, _ control: AccessControl) async throws(RegistryError) -> Answer {
    guard let action = call.query["action"].flatMap(RepositoryAction.init) else {
      throw RegistryError(
        .unsupported, "action is one of \(RepositoryAction.allCases.map(\.rawValue).joined(separator: ", "))",
        status: 400)
    }
    let repository = try repository(call.query["repository"])
    let user: AccountName? = if let text = call.query["as"] { try name(text) } else { nil }
    let decision = try await allowing { () throws(AccessError) in
      try await control.explain(action, on: repository, as: user, for: call.caller)
    }
    return .json(
      JSONText.object([
        ("allowed", String(decision.isAllowed)),
        ("rule", JSONText.string(decision.mayKnow || user != nil ? decision.explanation : decision.message)),
      ]))
  }

  func repository(_ text: String?) throws(RegistryError) -> RepositoryName {
    do {
      return try RepositoryName(parsing: text ?? "")
    } catch {
      throw RegistryError(.nameInvalid, error.description)
    }
  }
}
