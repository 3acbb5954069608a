internal import Locks
internal import OCI

/// Finds what to show a registry: remembers how each endpoint wants to be shown who asks, and the tokens it takes.
final class Authenticator: Sendable {
  /// How an endpoint lets in.
  private enum Scheme: Sendable {
    /// Nothing was asked for so far.
    case open
    case basic
    case bearer(TokenService.Realm)
  }

  private struct TokenKey: Hashable, Sendable {
    let realm: TokenService.Realm
    let scopes: [TokenScope]
    /// For whose sake credentials are looked up.
    let subject: Subject
  }

  /// What credentials are kept for.
  private struct Subject: Hashable, Sendable {
    let host: RegistryHost
    let repository: RepositoryName?
  }

  private struct State {
    var schemes: [RegistryEndpoint: Scheme] = [:]
    var tokens: [TokenKey: AccessToken] = [:]
    var credentials: [Subject: RegistryCredential?] = [:]
  }

  /// How many tokens and credentials are remembered at most: a mirror asks for many repositories.
  private static let capacity = 4096

  private let source: any CredentialSource
  private let service: TokenService
  private let time: TimeSource
  private let state = Locked(State())
  private let pings = SingleFlight<RegistryEndpoint, Void>()
  private let fetches = SingleFlight<TokenKey, AccessToken>()
  private let lookUps = SingleFlight<Subject, RegistryCredential?>()

  init(_ source: any CredentialSource, service: TokenService, time: TimeSource) {
    self.source = source
    self.service = service
    self.time = time
  }

  /// What to show with a request that has not been made yet.
  ///
  /// - Parameter ping: asks the endpoint how it lets in, and answers its challenges. It is asked where credentials are
  ///   kept, because some registries answer less to those who show none, and do not say so.
  func authorization(
    for request: RegistryRequest, of host: RegistryHost, at endpoint: RegistryEndpoint,
    ping: @escaping @Sendable () async throws -> [Challenge]
  ) async throws -> Authorization? {
    let subject = try subject(of: request, host: host, at: endpoint)
    let credential = try await credential(for: subject)
    if case .registryToken(let token)? = credential {
      return Authorization(header: "Bearer \(token)", kind: .registryToken, isRemembered: true)
    }
    if credential != nil, scheme(of: endpoint) == nil {
      try await pings.run(endpoint) { [self] in
        if scheme(of: endpoint) != nil { return }
        let challenges = try await ping()
        let scheme = challenges.isEmpty ? .open : try Self.scheme(challenges, at: endpoint)
        state.withLock { $0.schemes[endpoint] = scheme }
      }
    }
    switch scheme(of: endpoint) {
    case nil, .open: return nil
    case .basic:
      return credential?.basic.map { Authorization(header: $0, kind: .basic, isRemembered: true) }
    case .bearer(let realm):
      let scopes = try request.scopes(at: endpoint)
      return try await token(realm, requested: scopes, further: [], subject: subject)
    }
  }

  /// What to show with a request that was refused with 401.
  ///
  /// - Throws: `RegistryClientError` where nothing better can be shown.
  func authorization(
    for request: RegistryRequest, of host: RegistryHost, at endpoint: RegistryEndpoint, refused: Authorization?,
    challenges: [Challenge]
  ) async throws -> Authorization {
    let subject = try subject(of: request, host: host, at: endpoint)
    let scheme = try Self.scheme(challenges, at: endpoint)
    state.withLock { $0.schemes[endpoint] = scheme }
    switch (scheme, refused?.kind) {
    case (_, .registryToken):
      forget(subject)
      throw unauthorized(request, endpoint, "the registry token that is kept for it is not taken")
    case (.basic, .basic):
      forget(subject)
      throw unauthorized(request, endpoint, "the name and password that are kept for it are not taken")
    case (.basic, _):
      guard let basic = try await credential(for: subject)?.basic else {
        throw unauthorized(request, endpoint, "it wants a name and a password")
      }
      return Authorization(header: basic, kind: .basic, isRemembered: false)
    case (.bearer(let realm), let kind):
      let further = challenges.first { $0.scheme == "bearer" }?.parameters["scope"]
      let asked = (further ?? "").split(separator: " ").prefix(16).compactMap { TokenScope(challenged: $0) }
      let requested = try request.scopes(at: endpoint)
      if case .token(let scopes)? = kind, refused?.isRemembered == false, scopes.isSuperset(of: asked) {
        throw unauthorized(request, endpoint, "a new token for \(Self.list(scopes)) is not taken")
      }
      forget(subject)
      state.withLock { state in
        state.tokens[TokenKey(realm: realm, scopes: requested.sorted(), subject: subject)] = nil
      }
      return try await token(realm, requested: requested, further: asked, subject: subject)
    case (.open, _):
      throw unauthorized(request, endpoint, "it does not say what it wants to be shown")
    }
  }

  /// The error for a request that was refused whatever was shown.
  func unauthorized(_ request: RegistryRequest, _ endpoint: RegistryEndpoint, _ reason: String) -> RegistryClientError {
    RegistryClientError(
      .unauthorized, "\(endpoint.host) did not \(request.doing): \(reason); log in with credentials that allow it",
      host: endpoint.host, status: 401)
  }

  private static func list(_ scopes: Set<TokenScope>) -> String {
    scopes.isEmpty ? "no scope" : scopes.sorted().map(\.description).joined(separator: " ")
  }

  private func scheme(of endpoint: RegistryEndpoint) -> Scheme? {
    state.withLock { $0.schemes[endpoint] }
  }

  /// Takes tokens where they are offered, because a password is then shown to the token service alone.
  private static func scheme(_ challenges: [Challenge], at endpoint: RegistryEndpoint) throws -> Scheme {
    if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
      return .bearer(try TokenService.Realm(bearer, of: endpoint))
    }
    if challenges.contains(where: { $0.scheme == "basic" }) { return .basic }
    let offered = challenges.isEmpty ? "nothing" : quoted(challenges.map(\.scheme).joined(separator: ", "))
    throw RegistryClientError(
      .unsupported, "\(endpoint.host) wants to be shown \(offered), and only Bearer and Basic are known",
      host: endpoint.host, status: 401)
  }

  private func token(
    _ realm: TokenService.Realm, requested: [TokenScope], further: [TokenScope], subject: Subject
  ) async throws -> Authorization {
    let key = TokenKey(realm: realm, scopes: requested.sorted(), subject: subject)
    let scopes = Set(requested + further)
    let flight = TokenKey(realm: realm, scopes: scopes.sorted(), subject: subject)
    if further.isEmpty, let token = remembered(key) {
      return Authorization(header: "Bearer \(token.value)", kind: .token(scopes), isRemembered: true)
    }
    let token = try await fetches.run(flight) { [self] in
      if further.isEmpty, let token = remembered(key) { return token }
      let credential = try await credential(for: subject)
      let token: AccessToken
      do {
        token = try await service.token(realm, scopes: scopes.sorted(), credential: credential)
      } catch let error as RegistryClientError where error.code == .unauthorized {
        forget(subject)
        throw error
      }
      state.withLock { state in
        if state.tokens.count >= Self.capacity {
          let now = time.now()
          state.tokens = state.tokens.filter { $0.value.renewal > now }
          if state.tokens.count >= Self.capacity { state.tokens = [:] }
        }
        state.tokens[key] = token
      }
      return token
    }
    return Authorization(header: "Bearer \(token.value)", kind: .token(scopes), isRemembered: false)
  }

  private func remembered(_ key: TokenKey) -> AccessToken? {
    let now = time.now()
    return state.withLock { $0.tokens[key] }.flatMap { $0.renewal > now ? $0 : nil }
  }

  /// Credentials are kept for names of registries. What an endpoint of another name is shown is kept for that name: a
  /// mirror never sees the credentials of what it mirrors.
  private func subject(
    of request: RegistryRequest, host: RegistryHost, at endpoint: RegistryEndpoint
  ) throws -> Subject {
    let repository = try request.repository.map { try endpoint.repository($0) }
    let own = DirectEndpoints().endpoints(for: host, repository: nil).map(\.host)
    if own.contains(endpoint.host) { return Subject(host: host, repository: repository) }
    return Subject(host: try RegistryHost(parsing: endpoint.host), repository: repository)
  }

  private func credential(for subject: Subject) async throws -> RegistryCredential? {
    if let known = state.withLock({ $0.credentials[subject] }) { return known }
    return try await lookUps.run(subject) { [self] in
      let credential = try await source.credential(for: subject.host, repository: subject.repository)
      state.withLock { state in
        if state.credentials.count >= Self.capacity { state.credentials = [:] }
        state.credentials[subject] = .some(credential)
      }
      return credential
    }
  }

  /// Has the credentials looked up again, which may have been changed where they are kept.
  private func forget(_ subject: Subject) {
    state.withLock { $0.credentials[subject] = nil }
  }
}
