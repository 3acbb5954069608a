internal import Catalog
public import OCI

/// An access token, and what it is good for.
public struct IssuedToken: Sendable {
  /// The token.
  public let text: String
  /// When it was made.
  public let issuedAt: Timestamp
  /// For how many seconds it can be used.
  public let lifetime: Int64
  /// What it grants, which may be less than was asked for; nil where it stands for the whole identity.
  public let grants: [AccessGrant]?
}

extension AccessControl {
  /// How long an access token can be used: long enough for every client, short enough to be forgotten.
  private static let accessLifetime: Int64 = 300
  /// How long a token that was exchanged for a workflow's own can be used.
  private static let exchangeLifetime: Int64 = 3600
  /// How long a client may keep a login without logging in again.
  private static let refreshLifetime: Int64 = 90 * 86_400

  /// Makes an access token that grants as much of what is asked for as the identity may do (Distribution's token
  /// specification, "Token Response").
  ///
  /// - Throws: `denied` for whoever shows an access token of that kind: it would never expire if it could be renewed by
  ///   itself.
  public func issueToken(
    to identity: Identity, granting scopes: [AccessGrant], at now: Timestamp = .now
  ) async throws(AccessError) -> IssuedToken {
    guard identity.grants == nil else {
      throw .denied("an access token makes no other: show a password or a token of `berth token create`")
    }
    var granted: [AccessGrant.Resource: Set<String>] = [:]
    var order: [AccessGrant.Resource] = []
    for scope in scopes {
      var actions: Set<String> = []
      switch scope.resource {
      case .catalog:
        if !scope.actions.isEmpty { actions = ["*"] }
      case .repository(let repository):
        for action in scope.repositoryActions where try await decide(identity, action, repository).isAllowed {
          actions.insert(action.rawValue)
        }
      }
      guard !actions.isEmpty else { continue }
      if granted[scope.resource] == nil { order.append(scope.resource) }
      granted[scope.resource, default: []].formUnion(actions)
    }
    return try await issue(
      to: identity, grants: order.map { AccessGrant($0, granted[$0]!) }, lifetime: Self.accessLifetime, at: now)
  }

  /// Exchanges the identity token of a workflow for a token of this registry (RFC 8693), which stands for the workflow in
  /// all that its rule grants.
  public func exchange(
    _ token: String, from address: ClientAddress, at now: Timestamp = .now
  ) async throws(AccessError) -> IssuedToken {
    let workflow = try await workflow(showing: token, from: address)
    return try await issue(
      to: Identity(.workflow(workflow), credential: "identity token of \(workflow.issuer)"), grants: nil,
      lifetime: Self.exchangeLifetime, at: now)
  }

  private func issue(
    to identity: Identity, grants: [AccessGrant]?, lifetime: Int64, at now: Timestamp
  ) async throws(AccessError) -> IssuedToken {
    let seconds = now.milliseconds / 1000
    let claims = AccessClaims(
      iss: Self.issuer, aud: service, sub: subject(of: identity),
      jti: String(UInt64.random(in: UInt64.min...UInt64.max), radix: 16), iat: seconds, nbf: seconds,
      exp: seconds + lifetime, access: grants, holder: holder(of: identity))
    do {
      return IssuedToken(
        text: try await signer.sign(claims), issuedAt: Timestamp(milliseconds: seconds * 1000), lifetime: lifetime,
        grants: grants)
    } catch {
      throw .invalid("the access token could not be signed: \(error)")
    }
  }

  private func subject(of identity: Identity) -> String {
    switch identity.subject {
    case .everyone, .anonymous: ""
    case .user(let account, _): account.name.value
    case .robot, .workflow: identity.name
    }
  }

  private func holder(of identity: Identity) -> AccessClaims.Holder {
    switch identity.subject {
    case .everyone, .anonymous: AccessClaims.Holder(kind: .anonymous)
    case .user(let account, _):
      AccessClaims.Holder(
        kind: .user, account: account.id, token: identity.token,
        password: identity.token == nil ? stamp(of: passwordHash(of: account)) : nil)
    case .robot(_, of: let organization):
      AccessClaims.Holder(kind: .robot, account: organization.id, token: identity.token)
    case .workflow(let workflow):
      AccessClaims.Holder(
        kind: .workflow,
        workflow: AccessClaims.Workflow(
          rule: workflow.rule.name, issuer: workflow.issuer, subject: workflow.subject, summary: workflow.summary))
    }
  }

  // MARK: Refresh tokens

  /// Makes a token that a client may keep in place of the password (Distribution's token specification,
  /// `offline_token`).
  ///
  /// - Returns: nil for those whose login cannot be kept: nobody, workflows, and users of an htpasswd file.
  public func issueRefreshToken(
    to caller: Caller, client: String?, at now: Timestamp = .now
  ) async throws(AccessError) -> TokenSecret? {
    guard case .user(let account, _) = caller.identity.subject, caller.identity.grants == nil else { return nil }
    // A password of the htpasswd file ends when its line changes, which a token in the catalogue would not.
    guard caller.identity.token != nil || account.passwordHash != nil else { return nil }
    let secret = TokenSecret()
    let limits = caller.identity.limits
    let creation = try await lookUp { () throws(CatalogError) in
      try await catalog.createToken(
        NewToken(
          hash: secret.hash, owner: account.name, kind: .refresh, name: client ?? "login",
          scopes: limits?.scopes ?? [.admin], repositories: limits?.repositories.map(\.pattern) ?? [],
          expiresAt: Timestamp(milliseconds: now.milliseconds + Self.refreshLifetime * 1000),
          parent: caller.identity.token),
        by: caller.actor)
    }
    guard case .created = creation else { throw .invalidCredentials("the account is gone") }
    return secret
  }

  /// Who shows a refresh token (RFC 6749, section 6).
  public func authenticate(
    refreshToken text: String, from address: ClientAddress, at now: Timestamp = .now
  ) async throws(AccessError) -> Identity {
    let unknown = AccessError.invalidCredentials("the refresh token was revoked or has expired: log in again")
    guard let secret = TokenSecret(parsing: text),
      let holder = try await lookUp({ () throws(CatalogError) in try await catalog.token(hash: secret.hash) }),
      holder.token.kind == .refresh
    else { throw unknown }
    let shown = try await identify(holder, at: now)
    tokenUses.note(holder.token.id, from: address, at: now)
    return shown.identity
  }
}
