internal import Foundation
internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Makes a token. It expires with its parent where it would not before.
  ///
  /// A robot that has expired gives its name to the new one. Where the parent is not there any more, nothing is made:
  /// it was revoked in between.
  public func createToken(_ new: NewToken, by actor: Author) async throws(CatalogError) -> TokenCreation {
    try await write(while: "making a token of \(new.owner)") { database in
      let change = Change(by: actor)
      guard let owner = try database.account(new.owner), owner.kind == new.kind.ownerKind else {
        return .unknownOwner
      }
      var expiresAt = new.expiresAt
      if let parent = new.parent {
        guard let holder = try database.token(parent) else { return .unknownOwner }
        expiresAt = [expiresAt, holder.token.expiresAt].compactMap { $0 }.min()
      }
      if new.kind == .robot {
        try database.revokeTokens(
          "account_id = ? AND kind = 'robot' AND name = ? AND expires_at <= ?",
          [owner.id, new.name, change.now.milliseconds])
      }
      let id = try database.value(
        """
        INSERT INTO token (hash, account_id, kind, name, scopes, repositories, parent_id, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (account_id, name) WHERE kind = 'robot' DO NOTHING RETURNING id
        """,
        [
          Data(new.hash), owner.id, new.kind.rawValue, new.name, ScopesColumn.encode(new.scopes),
          PatternsColumn.encode(new.repositories), new.parent, change.now.milliseconds, expiresAt?.milliseconds,
        ], as: Int64.self)
      guard let id else { return .nameTaken }
      let token = StoredToken(
        id: id, owner: new.owner, kind: new.kind, name: new.name, scopes: new.scopes, repositories: new.repositories,
        createdAt: change.now, expiresAt: expiresAt, lastUsedAt: nil, lastUsedFrom: nil)
      try database.record([change.event(.tokenCreate, "\(id)", token.auditDetail)])
      return .created(token)
    }
  }

  /// The token with a hash, and its owner; revoked ones are not there, those that have expired are.
  public func token(hash: [UInt8]) async throws(CatalogError) -> TokenHolder? {
    try await read(while: "looking for a token") { database in
      try database.first("\(TokenHolder.select) WHERE token.hash = ?", [Data(hash)]) { try $0.tokenHolder() }
    }
  }

  /// The token of a row, and its owner; revoked ones are not there, those that have expired are.
  public func token(id: Int64) async throws(CatalogError) -> TokenHolder? {
    try await read(while: "reading the token \(id)") { try $0.token(id) }
  }

  /// An account's tokens but for refresh tokens, in the order in which they were made.
  public func tokens(of owner: AccountName) async throws(CatalogError) -> [StoredToken] {
    try await read(while: "listing the tokens of \(owner)") { database in
      try database.all(
        """
        SELECT \(StoredToken.columns) FROM account JOIN token ON token.account_id = account.id
        WHERE account.name = ? AND token.kind = CASE account.kind WHEN 'user' THEN 'personal' ELSE 'robot' END
        ORDER BY token.id
        """, [owner.value]
      ) { try $0.token() }
    }
  }

  /// Revokes a token and those that hang on it.
  ///
  /// - Returns: whether there was one.
  public func revokeToken(_ id: Int64, by actor: Author) async throws(CatalogError) -> Bool {
    try await write(while: "revoking the token \(id)") { database in
      guard let token = try database.token(id)?.token else { return false }
      let others = try database.revokeTokens("id = ?", [id]).count - 1
      var detail = token.auditDetail
      detail["alsoRevoked"] = others == 0 ? nil : "\(others)"
      try database.record([Change(by: actor).event(.tokenRevoke, "\(id)", detail)])
      return true
    }
  }

  /// Records that tokens were used, where they were not used later. It need not survive power loss.
  public func recordTokenUses(_ uses: [TokenUse]) async throws(CatalogError) {
    let latest = Dictionary(grouping: uses, by: \.id).values.compactMap { $0.max { $0.at < $1.at } }
    guard !latest.isEmpty else { return }
    try await write(.relaxed, while: "recording the use of tokens") { database in
      try ValueRows(latest.map { [$0.id, $0.at.milliseconds, $0.address] }).forEach { marks, values in
        try database.run(
          """
          UPDATE token SET last_used_at = use.column2, last_used_from = use.column3
          FROM (VALUES \(marks)) AS use
          WHERE token.id = use.column1 AND (token.last_used_at IS NULL OR token.last_used_at < use.column2)
          """, values)
      }
    }
  }

  /// Removes tokens that expired before a moment, and those that hang on them.
  public func removeExpiredTokens(before moment: Timestamp) async throws(CatalogError) {
    try await write(while: "removing expired tokens") { database in
      try database.revokeTokens("expires_at < ?", [moment.milliseconds])
    }
  }
}

extension Database {
  /// Deletes tokens that fulfil a condition on their columns, and those that hang on them.
  ///
  /// - Returns: the rows of all of them.
  @discardableResult
  func revokeTokens(_ condition: String, _ arguments: StatementArguments) throws -> [Int64] {
    try all(
      """
      DELETE FROM token WHERE id IN (
        WITH RECURSIVE ended (id) AS (
          SELECT id FROM token WHERE \(condition)
          UNION
          SELECT child.id FROM ended JOIN token child ON child.parent_id = ended.id
        )
        SELECT id FROM ended)
      RETURNING id
      """, arguments
    ) { $0[0] }
  }

  fileprivate func token(_ id: Int64) throws -> TokenHolder? {
    try first("\(TokenHolder.select) WHERE token.id = ?", [id]) { try $0.tokenHolder() }
  }
}

extension TokenHolder {
  fileprivate static let select = """
    SELECT \(StoredToken.columns), \(Account.columns) FROM token JOIN account ON account.id = token.account_id
    """
}

extension Row {
  fileprivate func tokenHolder() throws -> TokenHolder {
    TokenHolder(token: try token(), account: try account(at: StoredToken.columnCount))
  }
}

extension StoredToken.Kind {
  /// Who may own such a token.
  fileprivate var ownerKind: Account.Kind {
    switch self {
    case .personal, .refresh: .user
    case .robot: .organization
    }
  }
}

extension StoredToken {
  /// What the audit trail tells about it.
  fileprivate var auditDetail: [String: String?] {
    [
      "owner": owner.value, "kind": kind.rawValue, "name": name, "scopes": ScopesColumn.encode(scopes),
      "repositories": repositories.isEmpty ? nil : repositories.joined(separator: " "),
      "expiresAt": expiresAt?.rfc3339,
    ]
  }
}
