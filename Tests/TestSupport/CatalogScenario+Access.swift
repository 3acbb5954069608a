public import Catalog
public import OCI

extension CatalogScenario {
  /// Makes a user.
  @discardableResult
  public func makeUser(
    _ name: String, passwordHash: String? = nil, isAdministrator: Bool = false
  ) async throws -> Account? {
    try await catalog.createAccount(
      NewAccount(
        name: .named(name), kind: .user, passwordHash: passwordHash, isAdministrator: isAdministrator),
      by: .somebody)
  }

  /// Makes an organisation.
  @discardableResult
  public func makeOrganization(_ name: String) async throws -> Account? {
    try await catalog.createAccount(NewAccount(name: .named(name), kind: .organization), by: .somebody)
  }

  /// Changes an account.
  @discardableResult
  public func change(_ name: String, _ change: AccountChange) async throws -> Account? {
    try await catalog.changeAccount(.named(name), change, by: .somebody)
  }

  /// Gives a user a role in an organisation, or none.
  @discardableResult
  public func setRole(_ role: Role?, of user: String, in organization: String) async throws -> MemberChange {
    try await catalog.setRole(role, of: .named(user), in: .named(organization), by: .somebody)
  }

  /// Asks for a token, whose secret is new where none is given.
  public func createToken(
    _ name: String, of owner: String, kind: StoredToken.Kind = .personal, secret: String = "\(UploadID())",
    scopes: Set<TokenScope> = [.readPackages, .writePackages], repositories: [String]? = nil,
    expiresAt: Timestamp? = nil,
    parent: Int64? = nil
  ) async throws -> TokenCreation {
    try await catalog.createToken(
      NewToken(
        hash: Digest.blob(secret).bytes, owner: .named(owner), kind: kind, name: name,
        scopes: scopes, repositories: repositories ?? ["\(owner)/*"], expiresAt: expiresAt, parent: parent),
      by: .somebody)
  }

  /// Makes a token.
  ///
  /// - Returns: its row.
  @discardableResult
  public func makeToken(
    _ name: String, of owner: String, kind: StoredToken.Kind = .personal,
    scopes: Set<TokenScope> = [.readPackages, .writePackages], repositories: [String]? = nil,
    expiresAt: Timestamp? = nil,
    parent: Int64? = nil
  ) async throws -> Int64 {
    let creation = try await createToken(
      name, of: owner, kind: kind, scopes: scopes, repositories: repositories, expiresAt: expiresAt, parent: parent)
    guard case .created(let token) = creation else { throw NoToken(creation: creation) }
    return token.id
  }

  /// Whether there is a token.
  public func hasToken(_ id: Int64) async throws -> Bool {
    try await catalog.token(id: id) != nil
  }
}

/// A token that a test counts on was not made.
public struct NoToken: Error {
  /// What the catalogue said instead.
  public let creation: TokenCreation
}

extension AccountChange {
  /// A change of what is given.
  public static func to(
    passwordHash: String? = nil, isAdministrator: Bool? = nil, isDisabled: Bool? = nil,
    defaultVisibility: Visibility? = nil
  ) -> AccountChange {
    var change = AccountChange()
    change.passwordHash = passwordHash
    change.isAdministrator = isAdministrator
    change.isDisabled = isDisabled
    change.defaultVisibility = defaultVisibility
    return change
  }
}

extension AccountName {
  /// A name that is known to be right.
  public static func named(_ text: String) -> AccountName { try! AccountName(parsing: text) }
}
