internal import AgingMaps
public import Catalog
internal import Crypto
internal import Locks
public import OCI
internal import Synchronization

/// Who may do what on a registry with accounts: shows who asks, decides, makes tokens, and keeps accounts.
///
/// What was looked up is kept in memory until something about access changes, which every change here says by a new
/// `generation`; a token that was revoked, and a role that was taken away, are of no use to the next request.
public final class AccessControl: Sendable {
  /// What a team may decide.
  public struct Configuration: Sendable {
    /// What access tokens are for: the name that clients send as `service`.
    public var service: String
    /// Whether a push makes a repository that does not exist.
    public var createsOnPush: Bool
    /// Who may see what is mirrored in a repository, whether it is there already or not; nil where it mirrors nothing.
    public var visibilityOfMirrors: @Sendable (RepositoryName) -> Visibility?
    /// The users of an htpasswd file as it is now.
    public var htpasswd: @Sendable () -> HtpasswdFile?
    /// The trust policy as it is now.
    public var trustPolicy: @Sendable () -> TrustPolicy?

    /// Takes each decision.
    public init(
      service: String, createsOnPush: Bool,
      visibilityOfMirrors: @escaping @Sendable (RepositoryName) -> Visibility? = { _ in nil },
      htpasswd: @escaping @Sendable () -> HtpasswdFile? = { nil },
      trustPolicy: @escaping @Sendable () -> TrustPolicy? = { nil }
    ) {
      self.service = service
      self.createsOnPush = createsOnPush
      self.visibilityOfMirrors = visibilityOfMirrors
      self.htpasswd = htpasswd
      self.trustPolicy = trustPolicy
    }
  }

  /// Where accounts and tokens are.
  let catalog: any AccessCatalog
  let configuration: Configuration
  let authorizer: Authorizer
  let signer: TokenSigner
  let hasher: PasswordHasher
  let throttle: LoginThrottle
  let verifier: OIDCVerifier
  /// When tokens were last used.
  let tokenUses: TokenUses
  /// What was denied.
  public let denials: DenialLog

  private let generation = Atomic<UInt64>(0)
  private let identities = Locked(AgingMap<CredentialKey, KnownIdentity>(capacity: 20_000))
  private let knownFacts = Locked(AgingMap<RepositoryName, KnownFacts>(capacity: 20_000))
  private let salt = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }

  /// Opens the accounts of a catalogue; makes the first key where there is none.
  public init(
    catalog: any AccessCatalog & AuditCatalog, configuration: Configuration, hasher: PasswordHasher,
    verifier: OIDCVerifier
  ) async throws {
    self.catalog = catalog
    self.configuration = configuration
    self.hasher = hasher
    self.verifier = verifier
    authorizer = Authorizer(createsOnPush: configuration.createsOnPush)
    signer = try await TokenSigner(catalog: catalog)
    throttle = LoginThrottle()
    tokenUses = TokenUses(catalog: catalog)
    denials = DenialLog(catalog: catalog)
  }

  /// The public keys of the access tokens, as a JWK Set (RFC 7517, section 5).
  public var jwks: String { signer.jwks }

  /// The name that clients send as `service`.
  public var service: String { configuration.service }

  /// Makes everything be looked up anew.
  public func invalidate() {
    generation.add(1, ordering: .acquiringAndReleasing)
  }

  // MARK: Decisions

  /// Decides about an action on a repository.
  public func decide(
    _ identity: Identity, _ action: RepositoryAction, _ repository: RepositoryName
  ) async throws(AccessError) -> Decision {
    // An await costs as much as the decision, so what is known is not awaited.
    if let known = known(repository) { return authorizer.decide(identity, action, repository, known) }
    return authorizer.decide(identity, action, repository, try await facts(about: repository))
  }

  /// Which repositories somebody may see in a list, before patterns and grants of the credential are looked at.
  public func filter(for identity: Identity) -> RepositoryFilter {
    authorizer.filter(for: identity)
  }

  private struct KnownFacts {
    let facts: RepositoryAccess
    let generation: UInt64
  }

  private func known(_ repository: RepositoryName) -> RepositoryAccess? {
    let now = generation.load(ordering: .acquiring)
    guard let known = knownFacts.withLock({ $0[repository] }), known.generation == now else { return nil }
    return asSeen(known.facts, repository)
  }

  /// What is mirrored is seen by whom the mirror says, also before it is there.
  private func asSeen(_ own: RepositoryAccess, _ repository: RepositoryName) -> RepositoryAccess {
    guard let visibility = configuration.visibilityOfMirrors(repository) else { return own }
    return RepositoryAccess(exists: true, visibility: visibility, owner: own.owner)
  }

  /// That a repository does not exist is not kept: the next push may make it.
  func facts(about repository: RepositoryName) async throws(AccessError) -> RepositoryAccess {
    let now = generation.load(ordering: .acquiring)
    if let known = known(repository) { return known }
    let found = try await lookUp { () throws(CatalogError) in try await catalog.repositoryAccess(repository) }
    if found.exists { knownFacts.withLock { $0[repository] = KnownFacts(facts: found, generation: now) } }
    return asSeen(found, repository)
  }

  // MARK: Identities

  private enum CredentialKey: Hashable {
    /// An access token, which is worth something for minutes.
    case token(String)
    /// Anything else, of which no copy is kept in memory.
    case hash(SHA256.Digest)
  }

  private struct KnownIdentity {
    let identity: Identity
    let token: Int64?
    let expiresAt: Timestamp
    let generation: UInt64
  }

  /// How long a credential is taken as it was found, where nothing about access changes.
  private static let memory = Duration.seconds(300)

  /// Who shows a credential.
  ///
  /// - Throws: `invalidCredentials`, `throttled`, `busy`, `issuerUnavailable`, `catalog`.
  public func authenticate(
    _ credentials: Credentials?, from address: ClientAddress, at now: Timestamp = .now
  ) async throws(AccessError) -> Identity {
    guard let credentials else { return .anonymous }
    let key = key(of: credentials)
    let before = generation.load(ordering: .acquiring)
    if let known = identities.withLock({ $0[key] }), known.generation == before, now < known.expiresAt {
      if let token = known.token { tokenUses.note(token, from: address, at: now) }
      return known.identity
    }
    let shown = try await identify(credentials, from: address, at: now)
    if let token = shown.token { tokenUses.note(token, from: address, at: now) }
    let forgotten = now + Self.memory
    let expiry = min(shown.expiresAt ?? forgotten, forgotten)
    let known = KnownIdentity(
      identity: shown.identity, token: shown.token, expiresAt: expiry, generation: before)
    identities.withLock { $0[key] = known }
    return shown.identity
  }

  private func key(of credentials: Credentials) -> CredentialKey {
    switch credentials {
    case .bearer(let token) where token.utf8.contains(UInt8(ascii: ".")): return .token(token)
    case .bearer(let token): return .hash(hash(token))
    case .basic(let user, let password): return .hash(hash("\(user):\(password)"))
    }
  }

  private func hash(_ text: String) -> SHA256.Digest {
    SHA256.hash(data: salt + text.utf8)
  }

  // MARK: Life

  /// Writes down what was used and what was denied.
  public func flush() async throws(AccessError) {
    try await lookUp { () throws(CatalogError) in
      try await tokenUses.flush()
      try await denials.flush()
    }
  }

  /// Lets keys take turns, and forgets tokens that expired long ago.
  public func tend(at now: Timestamp = .now) async throws(AccessError) {
    try await lookUp { () throws(CatalogError) in
      try await catalog.removeExpiredTokens(before: now - Self.memoryOfExpiredTokens)
    }
    do {
      try await signer.rotateIfDue(at: now)
    } catch let error as CatalogError {
      throw .catalog(error)
    } catch {
      throw .failed("a key could not be made: \(error)")
    }
  }

  /// Lets go of everything.
  public func close() async throws {
    try await verifier.shutdown()
  }

  /// How long a token that has expired is listed.
  private static let memoryOfExpiredTokens = Duration.seconds(30 * 86_400)

  /// Carries out what the catalogue may fail at.
  func lookUp<Success: Sendable>(
    _ body: () async throws(CatalogError) -> Success
  ) async throws(AccessError) -> Success {
    do {
      return try await body()
    } catch {
      throw .catalog(error)
    }
  }

  /// Carries out a change of access, after which nothing that was looked up before holds.
  func change<Success: Sendable>(
    _ body: () async throws(CatalogError) -> Success
  ) async throws(AccessError) -> Success {
    defer { invalidate() }
    return try await lookUp(body)
  }
}
