internal import Catalog
internal import Crypto
internal import OCI

/// Who a credential shows, and for how long.
struct ShownIdentity {
  let identity: Identity
  /// The token that showed it, whose use is recorded.
  var token: Int64?
  /// Until when it holds; nil where nothing limits that.
  var expiresAt: Timestamp?
}

extension AccessControl {
  /// Who a credential shows, looked up anew.
  func identify(
    _ credentials: Credentials, from address: ClientAddress, at now: Timestamp
  ) async throws(AccessError) -> ShownIdentity {
    switch credentials {
    case .bearer(let token):
      if let secret = TokenSecret(parsing: token) { return try await identify(secret, from: address, at: now) }
      if let claims = await signer.claims(of: token) { return try await identify(claims, from: address, at: now) }
      return try await noting("access token", from: address) { () throws(AccessError) in throw Self.unknownToken }
    case .basic(let user, let password):
      if let secret = TokenSecret(parsing: password) { return try await identify(secret, from: address, at: now) }
      guard password.utf8.count > Password.maximumLength || password.hasPrefix("eyJ") else {
        return try await logIn(user, password: password, from: address)
      }
      if let claims = await signer.claims(of: password) { return try await identify(claims, from: address, at: now) }
      return try await identify(workflowToken: password, from: address)
    }
  }

  /// Notes that something was shown that does not hold.
  private func noting(
    _ subject: String, from address: ClientAddress,
    _ identify: () async throws(AccessError) -> ShownIdentity
  ) async throws(AccessError) -> ShownIdentity {
    do {
      return try await identify()
    } catch {
      if case .invalidCredentials(let reason) = error {
        denials.note(Identity.anonymous.actor(from: address), .login, subject: subject, reason: reason)
      }
      throw error
    }
  }

  private static let unknownToken = AccessError.invalidCredentials(
    "the token is none of this registry's, or was revoked: make one by `berth token create`")

  // MARK: Tokens

  private func identify(
    _ secret: TokenSecret, from address: ClientAddress, at now: Timestamp
  ) async throws(AccessError) -> ShownIdentity {
    try await noting("token", from: address) { () throws(AccessError) in
      let holder = try await lookUp { () throws(CatalogError) in try await catalog.token(hash: secret.hash) }
      guard let holder, holder.token.kind != .refresh else { throw Self.unknownToken }
      return try await identify(holder, at: now)
    }
  }

  /// The identity behind a token that is in the catalogue.
  func identify(_ holder: TokenHolder, at now: Timestamp) async throws(AccessError) -> ShownIdentity {
    guard !holder.account.isDisabled else { throw Self.unknownToken }
    if let expiry = holder.token.expiresAt, expiry <= now {
      let remedy = holder.token.kind == .refresh ? "log in again" : "make another by `berth token create`"
      throw .invalidCredentials("the token \(holder.token.name) has expired: \(remedy)")
    }
    let called = "token \(holder.token.id) (\(holder.token.name))"
    var patterns: [Glob] = []
    do {
      for pattern in holder.token.repositories { patterns.append(try Glob(pattern)) }
    } catch {
      throw .catalog(.database("the catalogue holds a token with a pattern that is none: \(error)"))
    }
    let limits = Identity.Limits(
      id: holder.token.id, token: called, scopes: holder.token.scopes, repositories: patterns)
    let subject: Identity.Subject =
      switch holder.token.kind {
      case .robot: .robot(holder.token.name, of: holder.account)
      case .personal, .refresh: .user(holder.account, roles: try await roles(of: holder.account))
      }
    return ShownIdentity(
      identity: Identity(subject, credential: called, limits: limits), token: holder.token.id,
      expiresAt: holder.token.expiresAt)
  }

  func roles(of account: Account) async throws(AccessError) -> [AccountName: Role] {
    let memberships = try await lookUp { () throws(CatalogError) in try await catalog.memberships(of: account.name) }
    return Dictionary(memberships.map { ($0.organization, $0.role) }, uniquingKeysWith: max)
  }

  // MARK: Access tokens

  /// What an access token says counts as far as it is still so.
  private func identify(
    _ claims: AccessClaims, from address: ClientAddress, at now: Timestamp
  ) async throws(AccessError) -> ShownIdentity {
    let seconds = now.milliseconds / 1000
    guard claims.iss == Self.issuer, claims.aud == service else { throw Self.unknownToken }
    // Every client comes with one that has expired, sooner or later: that is nothing to note.
    guard claims.nbf <= seconds, seconds < claims.exp else {
      throw .invalidCredentials("the access token has expired: ask for another")
    }
    let shown = try await noting("access token", from: address) { () throws(AccessError) in
      try await holder(of: claims, at: now)
    }
    let expiry = Timestamp(milliseconds: claims.exp * 1000)
    return ShownIdentity(
      identity: shown.identity.granted(claims.access), token: nil,
      expiresAt: shown.expiresAt.map { min($0, expiry) } ?? expiry)
  }

  /// Who signs access tokens.
  static let issuer = "berth"

  /// Who an access token stands for, and until when the token holds that it was made from.
  private func holder(of claims: AccessClaims, at now: Timestamp) async throws(AccessError) -> ShownIdentity {
    let ended = AccessError.invalidCredentials("the access token's login has ended: log in again")
    switch claims.holder.kind {
    case .anonymous: return ShownIdentity(identity: .anonymous)
    case .workflow:
      guard let workflow = claims.holder.workflow,
        let rule = configuration.trustPolicy()?.rule(named: workflow.rule), rule.issuer == workflow.issuer
      else { throw ended }
      return ShownIdentity(
        identity: Identity(
          .workflow(
            WorkflowIdentity(
              rule: rule, issuer: workflow.issuer, subject: workflow.subject, summary: workflow.summary,
              expiresAt: Timestamp(milliseconds: claims.exp * 1000))),
          credential: "identity token of \(workflow.issuer)"))
    case .user, .robot:
      if let token = claims.holder.token {
        let holder = try await lookUp { () throws(CatalogError) in try await catalog.token(id: token) }
        guard let holder, holder.account.id == claims.holder.account else { throw ended }
        return try await identify(holder, at: now)
      }
      guard let name = try? AccountName(parsing: claims.sub),
        let account = try await lookUp({ () throws(CatalogError) in try await catalog.account(name) }),
        account.id == claims.holder.account, !account.isDisabled,
        claims.holder.password == stamp(of: passwordHash(of: account))
      else { throw ended }
      return ShownIdentity(
        identity: Identity(.user(account, roles: try await roles(of: account)), credential: "password"))
    }
  }

  // MARK: Passwords

  /// The hash that a login is compared with: the catalogue's, or else that of the htpasswd file.
  func passwordHash(of account: Account) -> PasswordHash? {
    guard account.kind == .user else { return nil }
    if let text = account.passwordHash { return try? PasswordHash(parsing: text) }
    return configuration.htpasswd()?.hashes[account.name]
  }

  /// What tells one password of an account from the next, without telling anything about it.
  func stamp(of hash: PasswordHash?) -> String? {
    hash.map { hash in SHA256.hash(data: Array(hash.text.utf8)).prefix(8).map { String($0, radix: 16) }.joined() }
  }

  private func logIn(
    _ user: String, password: String, from address: ClientAddress
  ) async throws(AccessError) -> ShownIdentity {
    let name = try? AccountName(parsing: user)
    let attempt: LoginThrottle.Attempt
    switch throttle.begin(account: user, network: address.network, now: .now) {
    case .attempt(let begun): attempt = begun
    case .wait(let duration): throw .throttled(retryAfter: duration)
    }
    let account: Account?
    let hash: PasswordHash?
    let isRight: Bool
    do {
      account = if let name { try await catalog.account(name) } else { nil }
      hash = account.map { passwordHash(of: $0) } ?? name.flatMap { configuration.htpasswd()?.hashes[$0] }
      isRight = try await hasher.verify(password, against: hash, decoy: configuration.htpasswd()?.decoy)
    } catch let error as CatalogError {
      throttle.withdraw(attempt)
      throw .catalog(error)
    } catch PasswordHashingError.failed(let reason) {
      throttle.withdraw(attempt)
      throw .failed("the password could not be checked: \(reason)")
    } catch {
      throttle.withdraw(attempt)
      throw .busy
    }
    guard isRight, let name, let hash, account?.isDisabled != true else {
      // People type passwords where names belong: a name that is no account's is not written down.
      let who = account.map { Identity(.user($0, roles: [:]), credential: "password") } ?? .anonymous
      denials.note(who.actor(from: address), .login, subject: "password")
      throw .invalidCredentials("the name or the password is wrong")
    }
    throttle.succeed(attempt)
    let person = try await self.account(name, account, withPassword: password, hash)
    return ShownIdentity(
      identity: Identity(.user(person, roles: try await roles(of: person)), credential: "password"))
  }

  /// The account of somebody who logged in: made for a user of the htpasswd file who comes for the first time; and a
  /// password whose hash is of a kind that is no longer made is hashed anew.
  private func account(
    _ name: AccountName, _ account: Account?, withPassword password: String, _ hash: PasswordHash
  ) async throws(AccessError) -> Account {
    guard let account else {
      let made = try await change { () throws(CatalogError) in
        try await catalog.createAccount(NewAccount(name: name, kind: .user), by: .berth)
      }
      // Another of their logins may have made it meanwhile.
      let account =
        if let made { made } else { try await lookUp { () throws(CatalogError) in try await catalog.account(name) } }
      guard let account, account.kind == .user else { throw .invalidCredentials("the account is gone") }
      return account
    }
    guard account.passwordHash != nil, hash.needsRehash else { return account }
    var renewal = AccountChange()
    do {
      renewal.passwordHash = try await hasher.hash(try Password(parsing: password)).text
    } catch {
      // A password that would not be taken today, or no time for it now: the old hash is as good as it was.
      return account
    }
    let change = renewal
    return try await self.change { () throws(CatalogError) in
      try await catalog.changeAccount(name, change, by: .berth)
    } ?? account
  }

  // MARK: Workflows

  private func identify(
    workflowToken token: String, from address: ClientAddress
  ) async throws(AccessError) -> ShownIdentity {
    let workflow = try await workflow(showing: token, from: address)
    return ShownIdentity(
      identity: Identity(.workflow(workflow), credential: "identity token of \(workflow.issuer)"),
      expiresAt: workflow.expiresAt)
  }

  /// The workflow that an identity token of a trusted issuer stands for.
  func workflow(showing token: String, from address: ClientAddress) async throws(AccessError) -> WorkflowIdentity {
    guard let policy = configuration.trustPolicy() else { throw Self.unknownToken }
    do {
      return try await verifier.verify(token, policy: policy)
    } catch {
      denials.note(
        Identity.anonymous.actor(from: address), .login, subject: "identity token", reason: error.reason)
      if error.code == .issuerUnavailable { throw .issuerUnavailable(error.message) }
      throw .invalidCredentials(error.message)
    }
  }
}
