public import Catalog
public import OCI

/// A token that was just made, with the secret, which is not shown again.
public struct MadeToken: Sendable {
  /// What is known about it.
  public let token: StoredToken
  /// The secret.
  public let secret: TokenSecret
}

extension AccessControl {
  /// Makes a token of a user, or of a robot where the owner is an organisation.
  ///
  /// - Parameter owner: nil stands for the caller.
  public func createToken(
    named name: String, owner: AccountName?, scopes: Set<TokenScope>, repositories: [String], expiresAt: Timestamp?,
    by caller: Caller
  ) async throws(AccessError) -> MadeToken {
    let owner = try await tokenOwner(owner, caller)
    try requireAdministration(of: owner.name, caller, to: "make a token of \(owner.name)")
    try Self.check(name, owner.kind)
    guard !scopes.isEmpty else {
      throw .invalid("a token has one scope or more: \(TokenScope.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let expiresAt, expiresAt <= .now { throw .invalid("the token would have expired already") }
    for pattern in repositories {
      do {
        _ = try Glob(pattern)
      } catch {
        throw .invalid("\(error)")
      }
    }
    let secret = TokenSecret()
    let creation = try await change { () throws(CatalogError) in
      try await catalog.createToken(
        NewToken(
          hash: secret.hash, owner: owner.name, kind: owner.kind == .user ? .personal : .robot, name: name,
          scopes: scopes, repositories: repositories, expiresAt: expiresAt),
        by: caller.actor)
    }
    switch creation {
    case .created(let token): return MadeToken(token: token, secret: secret)
    case .unknownOwner: throw .unknown("there is no user or organization \(owner.name)")
    case .nameTaken: throw .conflict("\(owner.name) has a robot \(name) already: revoke it, or take another name")
    }
  }

  private func tokenOwner(_ name: AccountName?, _ caller: Caller) async throws(AccessError) -> Account {
    if let name {
      let account = try await lookUp { () throws(CatalogError) in try await catalog.account(name) }
      if let account, caller.identity.isAdministrator || caller.identity.role(in: name) != nil { return account }
      throw .unknown("there is no user or organization \(name), or you may not see it")
    }
    switch caller.identity.subject {
    case .user(let account, _): return account
    case .robot(_, of: let organization): return organization
    case .everyone, .anonymous, .workflow: throw .invalidCredentials("a token belongs to somebody: log in")
    }
  }

  /// The name stands in logs, in the history of tags, and with robots in the name to log in by.
  private static func check(_ name: String, _ owner: Account.Kind) throws(AccessError) {
    switch owner {
    case .user:
      guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw .invalid("the name of a token has from 1 to 100 printable ASCII characters")
      }
    case .organization:
      guard (try? AccountName(parsing: name)) != nil else {
        throw .invalid("the name of a robot has lower-case letters and digits, joined inside by '.', '_' or '-'")
      }
    }
  }

  /// The tokens of an account but for the logins that clients keep.
  ///
  /// - Parameter owner: nil stands for the caller.
  public func tokens(of owner: AccountName?, for caller: Caller) async throws(AccessError) -> [StoredToken] {
    let owner = try await tokenOwner(owner, caller)
    try requireAdministration(of: owner.name, caller, to: "list the tokens of \(owner.name)")
    return try await lookUp { () throws(CatalogError) in try await catalog.tokens(of: owner.name) }
  }

  /// Revokes a token, at once.
  public func revokeToken(_ id: Int64, by caller: Caller) async throws(AccessError) {
    let unknown = AccessError.unknown("there is no token \(id), or it is not yours")
    let holder = try await lookUp { () throws(CatalogError) in try await catalog.token(id: id) }
    guard let holder, mayAdminister(holder.token.owner, caller) else { throw unknown }
    let isRevoked = try await change { () throws(CatalogError) in
      try await catalog.revokeToken(id, by: caller.actor)
    }
    guard isRevoked else { throw unknown }
  }
}
