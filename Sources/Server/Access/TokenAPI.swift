import Access
import HTTPTypes
import NIOCore
import OCI
import Registry

/// Where clients get access tokens: `GET /token` (Distribution's token specification), `POST /token` (the same for
/// OAuth 2.0, RFC 6749, and the exchange of tokens, RFC 8693), and the keys that the tokens are signed with.
struct TokenAPI: Sendable {
  /// Nil where access is open.
  let control: AccessControl?
  /// Knows which repository a name means.
  let mirror: MirroredRegistry

  /// The most scopes of one token; clients ask for two.
  private static let maximumScopes = 50
  /// The longest form, in bytes: it may hold an identity token.
  private static let maximumForm = 64 << 10

  func answer(_ call: Call) async throws(RegistryError) -> Answer {
    guard let control else {
      throw RegistryError(.unsupported, "access to this registry is open: no token is needed", status: 404)
    }
    guard call.method == .post else { return try await get(call, control) }
    do throws(RegistryError) {
      return try await post(call, control)
    } catch {
      return Self.oauth(error)
    }
  }

  /// The public keys (RFC 7517, section 5).
  func keys() throws(RegistryError) -> Answer {
    guard let control else {
      throw RegistryError(.unsupported, "access to this registry is open: it signs no tokens", status: 404)
    }
    var answer = Answer.json(control.jwks, type: "application/jwk-set+json")
    answer.fields[.cacheControl] = "max-age=300"
    return answer
  }

  private func get(_ call: Call, _ control: AccessControl) async throws(RegistryError) -> Answer {
    try check(service: call.query["service"], control)
    let issued = try await issue(to: call.caller, scopes: call.query.all("scope"), control)
    var refresh: TokenSecret?
    if call.query["offline_token"] == "true" {
      refresh = try await allowing { () throws(AccessError) in
        try await control.issueRefreshToken(to: call.caller, client: Self.client(call.query["client_id"]))
      }
    }
    return Self.answer(issued, refresh: refresh)
  }

  private func post(_ call: Call, _ control: AccessControl) async throws(RegistryError) -> Answer {
    let form = try Query(form: try await call.body.collect(upTo: Self.maximumForm, said: "a form"))
    try check(service: form["service"], control)
    let address = call.caller.address
    var caller = call.caller
    var refresh: TokenSecret?
    switch form["grant_type"] {
    case "password":
      guard let user = form["username"], let password = form["password"] else {
        throw RegistryError(.unsupported, "grant_type=password takes username and password", status: 400)
      }
      let identity = try await allowing { () throws(AccessError) in
        try await control.authenticate(.basic(user: user, password: password), from: address)
      }
      caller = Caller(identity: identity, address: address)
      if form["access_type"] == "offline" {
        refresh = try await allowing { [caller] () throws(AccessError) in
          try await control.issueRefreshToken(to: caller, client: Self.client(form["client_id"]))
        }
      }
    case "refresh_token":
      guard let token = form["refresh_token"] else {
        throw RegistryError(.unsupported, "grant_type=refresh_token takes refresh_token", status: 400)
      }
      let identity = try await allowing { () throws(AccessError) in
        try await control.authenticate(refreshToken: token, from: address)
      }
      caller = Caller(identity: identity, address: address)
      refresh = TokenSecret(parsing: token)
    case Self.exchangeGrant:
      return try await exchange(form, from: address, control)
    default:
      throw RegistryError(
        .unsupported, "grant_type is one of password, refresh_token and \(Self.exchangeGrant)", status: 400)
    }
    let scopes = form.all("scope")
    return Self.answer(try await issue(to: caller, scopes: scopes, control), refresh: refresh)
  }

  // MARK: Exchange

  private static let exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
  private static let subjectTypes = [
    "urn:ietf:params:oauth:token-type:id_token", "urn:ietf:params:oauth:token-type:jwt",
  ]

  private func exchange(
    _ form: Query, from address: ClientAddress, _ control: AccessControl
  ) async throws(RegistryError) -> Answer {
    guard let token = form["subject_token"], let type = form["subject_token_type"], Self.subjectTypes.contains(type)
    else {
      throw RegistryError(
        .unsupported, "an exchange takes subject_token, and subject_token_type \(Self.subjectTypes[0])", status: 400)
    }
    let issued = try await allowing { () throws(AccessError) in try await control.exchange(token, from: address) }
    return Self.answer(issued, refresh: nil, exchanged: true)
  }

  // MARK: Parts

  private func check(service: String?, _ control: AccessControl) throws(RegistryError) {
    guard let service, service != control.service else { return }
    throw RegistryError(
      .unsupported, "tokens for this service are not made here, but those for \(control.service)", status: 400)
  }

  /// Several scopes may stand in one parameter, or in as many.
  private func issue(
    to caller: Caller, scopes texts: [String], _ control: AccessControl
  ) async throws(RegistryError) -> IssuedToken {
    var scopes: [AccessGrant] = []
    for text in texts.flatMap({ $0.split(separator: " ") }) {
      do {
        guard let scope = try AccessGrant(parsing: text) else { continue }
        scopes.append(scope)
        if let mirrored = try await self.mirrored(scope) { scopes.append(mirrored) }
      } catch let error as RegistryError {
        throw error
      } catch {
        throw RegistryError(.unsupported, "\(error)", status: 400)
      }
      guard scopes.count <= Self.maximumScopes else {
        throw RegistryError(.unsupported, "a token is for \(Self.maximumScopes) scopes at the most", status: 400)
      }
    }
    return try await allowing { [scopes] () throws(AccessError) in
      try await control.issueToken(to: caller.identity, granting: scopes)
    }
  }

  /// The same on the repository that a name means where it mirrors another: Docker asks for the name that it was told.
  private func mirrored(_ scope: AccessGrant) async throws(RegistryError) -> AccessGrant? {
    guard case .repository(let name) = scope.resource else { return nil }
    let meant = try await mirror.repository(named: name, namespace: nil, isRead: true)
    return meant == name ? nil : AccessGrant(.repository(meant), scope.actions)
  }

  /// What a client calls itself stands in the list of logins.
  private static func client(_ name: String?) -> String? {
    name.map { String($0.unicodeScalars.filter { (0x20...0x7e).contains($0.value) }.prefix(40).map(Character.init)) }
  }

  private static func answer(_ issued: IssuedToken, refresh: TokenSecret?, exchanged: Bool = false) -> Answer {
    var members = [
      ("token", JSONText.string(issued.text)), ("access_token", JSONText.string(issued.text)),
      ("expires_in", String(issued.lifetime)), ("issued_at", JSONText.string(issued.issuedAt.rfc3339)),
      ("token_type", JSONText.string("Bearer")),
    ]
    if let grants = issued.grants {
      members.append(("scope", JSONText.string(grants.map(\.description).joined(separator: " "))))
    }
    if exchanged {
      members.append(("issued_token_type", JSONText.string("urn:ietf:params:oauth:token-type:access_token")))
    }
    if let refresh { members.append(("refresh_token", JSONText.string(refresh.reveal()))) }
    var answer = Answer.json(JSONText.object(members))
    answer.fields[.cacheControl] = "no-store"
    return answer
  }

  /// The error as registries' clients read it, and as those of OAuth 2.0 do (RFC 6749, section 5.2).
  private static func oauth(_ error: RegistryError) -> Answer {
    let code =
      switch error.status {
      case 401: "invalid_grant"
      case 429, 503: "temporarily_unavailable"
      case 500...: "server_error"
      default: "invalid_request"
      }
    var answer = Answer.error(error)
    answer.body = .bytes(
      ByteBuffer(
        string: JSONText.object(
          [("error", JSONText.string(code)), ("error_description", JSONText.string(error.message))] + error.members)))
    if error.status == 401 { answer.fields[.wwwAuthenticate] = #"Basic realm="berth""# }
    answer.fields[.retryAfter] = error.detail["retryAfter"]
    return answer
  }
}
