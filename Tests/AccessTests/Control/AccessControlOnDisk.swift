import Catalog
import OCI
import TestSupport

@testable import Access

/// Access control over a real catalogue, with a user `alice` who owns `alice/tool`.
struct AccessControlOnDisk: Sendable {
  static let password = "four words in a row"
  static let address = ClientAddress(parsing: "192.0.2.1")!
  static let repository = try! RepositoryName(parsing: "alice/tool")

  let catalog: SQLiteCatalog
  let control: AccessControl

  /// Opens a catalogue in a folder of its own for as long as `body` runs.
  static func run(_ body: (AccessControlOnDisk) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let catalog = try SQLiteCatalog(path: "\(folder)/catalog.sqlite")
      let scene = AccessControlOnDisk(catalog: catalog, control: try await open(catalog))
      let hash = try await PasswordHasher().hash(try Password(parsing: password))
      _ = try await catalog.createAccount(
        NewAccount(name: .named("alice"), kind: .user, passwordHash: hash.text), by: .berth)
      _ = try await catalog.createRepository(repository, visibility: nil, by: .berth)
      try await body(scene)
      try await scene.control.close()
      try await catalog.close()
    }
  }

  /// Access control as another start of the server has it.
  static func open(_ catalog: SQLiteCatalog, service: String = "berth") async throws -> AccessControl {
    try await AccessControl(
      catalog: catalog, configuration: AccessControl.Configuration(service: service, createsOnPush: true),
      hasher: PasswordHasher(), verifier: OIDCVerifier(report: { _ in }))
  }

  /// Makes a token of alice's.
  func makeToken(expiresAt: Timestamp? = nil, kind: StoredToken.Kind = .personal) async throws -> TokenSecret {
    let secret = TokenSecret()
    let creation = try await catalog.createToken(
      NewToken(
        hash: secret.hash, owner: .named("alice"), kind: kind, name: "laptop", scopes: [.writePackages],
        expiresAt: expiresAt),
      by: .berth)
    guard case .created = creation else { preconditionFailure("the token was not made: \(creation)") }
    return secret
  }

  func authenticate(_ credentials: Credentials, at now: Timestamp = .now) async throws(AccessError) -> Identity {
    try await control.authenticate(credentials, from: Self.address, at: now)
  }

  /// An access token that pulls and pushes.
  func accessToken(for credentials: Credentials, at now: Timestamp = .now) async throws -> String {
    let identity = try await authenticate(credentials, at: now)
    return try await control.issueToken(
      to: identity, granting: [AccessGrant(.repository(Self.repository), ["pull", "push"])], at: now
    ).text
  }

  /// Whether a credential lets in.
  func holds(_ credentials: Credentials, at now: Timestamp = .now) async throws -> Bool {
    do {
      return try await !authenticate(credentials, at: now).isAnonymous
    } catch {
      guard case .invalidCredentials = error else { throw error }
      return false
    }
  }
}
