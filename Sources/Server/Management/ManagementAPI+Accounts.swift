import Access
import Catalog
import HTTPTypes
import HummingbirdCore
import OCI

extension ManagementAPI {
  func members(
    of organization: AccountName, _ call: Call, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    let members = try await allowing { () throws(AccessError) in
      try await control.members(of: organization, for: call.caller)
    }
    return .json(
      JSONText.array(
        members.map {
          JSONText.object([("user", JSONText.string($0.user.value)), ("role", JSONText.string($0.role.rawValue))])
        }))
  }

  func accounts(
    _ kind: Account.Kind, _ call: Call, _ route: ManagementRoute, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    guard call.method == .post else {
      let limit = try limit(call)
      let accounts = try await allowing { () throws(AccessError) in
        try await control.accounts(kind, after: call.query["last"], limit: limit + 1, for: call.caller)
      }
      return page(accounts, limit, call, name: \.name.value, json: Self.json)
    }
    let body = try await body(of: call, route)
    let name = try name(body.string("name"))
    let account = try await allowing { () throws(AccessError) in
      switch kind {
      case .organization: try await control.createOrganization(name, by: call.caller)
      case .user:
        try await control.createUser(
          name, password: try Self.password(body), isAdministrator: body.bool("administrator") ?? false, by: call.caller
        )
      }
    }
    return .json(Self.json(account), status: .created)
  }

  func account(
    _ name: AccountName, _ kind: Account.Kind, _ call: Call, _ route: ManagementRoute, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    switch call.method {
    case .patch:
      let body = try await body(of: call, route)
      let account = try await allowing { () throws(AccessError) in
        try await control.changeAccount(
          name, kind, password: try Self.password(body), isAdministrator: body.bool("administrator"),
          isDisabled: body.bool("disabled"),
          defaultVisibility: body.string("defaultVisibility").flatMap(Visibility.init),
          by: call.caller)
      }
      return .json(Self.json(account))
    case .delete:
      try await allowing { () throws(AccessError) in try await control.deleteAccount(name, kind, by: call.caller) }
      return Answer(.noContent)
    default:
      let account = try await allowing { () throws(AccessError) in
        try await control.account(name, kind, for: call.caller)
      }
      return .json(Self.json(account))
    }
  }

  func member(
    _ user: AccountName, of organization: AccountName, _ call: Call, _ route: ManagementRoute, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    let role = call.method == .delete ? nil : try await body(of: call, route).string("role").flatMap(Role.init)
    try await allowing { () throws(AccessError) in
      try await control.setRole(role, of: user, in: organization, by: call.caller)
    }
    return Answer(.noContent)
  }

  private static func password(_ body: ManagementBody) throws(AccessError) -> AccessControl.NewPassword? {
    switch (body.string("password"), body.string("passwordHash")) {
    case (nil, nil): nil
    case (let plain?, nil): .plain(plain)
    case (nil, let hash?): .hash(hash)
    case (_?, _?): throw .invalid("password and passwordHash exclude each other: send one")
    }
  }

  // MARK: Tokens

  func tokens(
    _ call: Call, _ route: ManagementRoute, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    guard call.method == .post else {
      let owner: AccountName? = if let text = call.query["owner"] { try name(text) } else { nil }
      let tokens = try await allowing { () throws(AccessError) in try await control.tokens(of: owner, for: call.caller)
      }
      return .json(JSONText.array(tokens.map { JSONText.object(Self.members(of: $0)) }))
    }
    let body = try await body(of: call, route)
    let owner: AccountName? = if let text = body.string("owner") { try name(text) } else { nil }
    let made = try await allowing { () throws(AccessError) in
      try await control.createToken(
        named: body.string("name") ?? "", owner: owner,
        scopes: Set((body.strings("scopes") ?? []).compactMap(TokenScope.init)),
        repositories: body.strings("repositories") ?? [], expiresAt: body.timestamp("expiresAt"), by: call.caller)
    }
    var answer = Answer.json(
      JSONText.object(Self.members(of: made.token) + [("secret", JSONText.string(made.secret.reveal()))]),
      status: .created)
    answer.fields[.cacheControl] = "no-store"
    return answer
  }

  func revoke(_ id: Int64, _ call: Call, _ control: AccessControl) async throws(RegistryError) -> Answer {
    try await allowing { () throws(AccessError) in try await control.revokeToken(id, by: call.caller) }
    return Answer(.noContent)
  }

  // MARK: JSON

  func name(_ text: String?) throws(RegistryError) -> AccountName {
    do {
      return try AccountName(parsing: text ?? "")
    } catch {
      throw RegistryError(.nameInvalid, error.description)
    }
  }

  private static func json(_ account: Account) -> String {
    JSONText.object([
      ("name", JSONText.string(account.name.value)), ("kind", JSONText.string(account.kind.rawValue)),
      ("administrator", String(account.isAdministrator)), ("disabled", String(account.isDisabled)),
      ("defaultVisibility", JSONText.string(account.defaultVisibility.rawValue)),
      ("createdAt", JSONText.string(account.createdAt.rfc3339)),
    ])
  }

  private static func members(of token: StoredToken) -> [(String, String)] {
    var members = [
      ("id", String(token.id)), ("owner", JSONText.string(token.owner.value)),
      ("kind", JSONText.string(token.kind.rawValue)), ("name", JSONText.string(token.name)),
      ("scopes", JSONText.array(token.scopes.map(\.rawValue).sorted().map(JSONText.string))),
      ("repositories", JSONText.array(token.repositories.map(JSONText.string))),
      ("createdAt", JSONText.string(token.createdAt.rfc3339)),
    ]
    if let moment = token.expiresAt { members.append(("expiresAt", JSONText.string(moment.rfc3339))) }
    if let moment = token.lastUsedAt { members.append(("lastUsedAt", JSONText.string(moment.rfc3339))) }
    if let address = token.lastUsedFrom { members.append(("lastUsedFrom", JSONText.string(address))) }
    return members
  }

  /// A page of a list that one element more was asked for, with the way to the next.
  func page<Element>(
    _ elements: [Element], _ limit: Int, _ call: Call, name: (Element) -> String, json: (Element) -> String
  ) -> Answer {
    let shown = elements.prefix(limit)
    var answer = Answer.json(JSONText.array(shown.map(json)))
    if elements.count > limit, let last = shown.last {
      answer.fields[.link] = Self.link(call, "last=\(PercentEncoding.encode(name(last)))", limit)
    }
    return answer
  }

  /// The way to the next page (RFC 8288).
  static func link(_ call: Call, _ place: String, _ limit: Int) -> String {
    let path = (call.request.head.path ?? "").prefix { $0 != "?" }
    return "<\(path)?\(place)&n=\(limit)>; rel=\"next\""
  }
}
