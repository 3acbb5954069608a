internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// The account of a name.
  public func account(_ name: AccountName) async throws(CatalogError) -> Account? {
    try await read(while: "reading the account \(name)") { try $0.account(name) }
  }

  /// Accounts of a kind, in the order of their names' bytes, after one name.
  public func accounts(
    _ kind: Account.Kind, after: String?, limit: Int
  ) async throws(CatalogError) -> [Account] {
    try await read(while: "listing the accounts") { database in
      try database.all(
        "SELECT \(Account.columns) FROM account WHERE kind = ? AND name > ? ORDER BY name LIMIT ?",
        [kind.rawValue, after ?? "", limit]
      ) { try $0.account() }
    }
  }

  /// Whether an administrator that is not disabled can log in: has a password or a token that has not expired.
  public func hasUsableAdministrator() async throws(CatalogError) -> Bool {
    try await read(while: "looking for an administrator") { database in
      try database.value(
        """
        SELECT 1 FROM account
        WHERE is_administrator = 1 AND is_disabled = 0
          AND (password_hash IS NOT NULL
            OR EXISTS (
              SELECT 1 FROM token t
              WHERE t.account_id = account.id AND t.kind = ? AND ' ' || t.scopes || ' ' LIKE '% ' || ? || ' %'
                AND t.repositories IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?)))
        LIMIT 1
        """,
        [
          StoredToken.Kind.personal.rawValue, TokenScope.admin.rawValue, Timestamp.now.milliseconds,
        ], as: Int.self) != nil
    }
  }

  /// Makes an account.
  ///
  /// - Returns: nil where there is an account of that name.
  public func createAccount(_ new: NewAccount, by actor: Author) async throws(CatalogError) -> Account? {
    try await write(while: "making the account \(new.name)") { database in
      let change = Change(by: actor)
      let account = try database.first(
        """
        INSERT INTO account (name, kind, password_hash, is_administrator, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO NOTHING RETURNING \(Account.columns)
        """,
        [new.name.value, new.kind.rawValue, new.passwordHash, new.isAdministrator, change.now.milliseconds]
      ) { try $0.account() }
      guard let account else { return nil }
      try database.record([
        change.event(
          .accountCreate, new.name.value,
          [
            "kind": new.kind.rawValue, "administrator": new.isAdministrator ? "true" : nil,
            "password": new.passwordHash == nil ? nil : "set",
          ])
      ])
      return account
    }
  }

  /// Changes an account.
  ///
  /// - Returns: the account as it is then, or nil where there is none.
  public func changeAccount(
    _ name: AccountName, _ accountChange: AccountChange, by actor: Author
  ) async throws(CatalogError) -> Account? {
    try await write(while: "changing the account \(name)") { database in
      guard let old = try database.account(name) else { return nil }
      let account = try database.first(
        """
        UPDATE account SET
          password_hash = COALESCE(?, password_hash), is_administrator = COALESCE(?, is_administrator),
          is_disabled = COALESCE(?, is_disabled), default_visibility = COALESCE(?, default_visibility)
        WHERE id = ? RETURNING \(Account.columns)
        """,
        [
          accountChange.passwordHash, accountChange.isAdministrator, accountChange.isDisabled,
          accountChange.defaultVisibility?.rawValue, old.id,
        ]
      ) { try $0.account() }
      guard let account else { throw CorruptColumn("no row for an account that was changed") }

      var detail = account.differences(from: old)
      guard !detail.isEmpty else { return account }
      if account.passwordHash != old.passwordHash || account.isDisabled {
        let revoked = try database.revokeTokens("account_id = ? AND kind = 'refresh'", [old.id])
        detail["refreshTokensRevoked"] = revoked.isEmpty ? nil : "\(revoked.count)"
      }
      try database.record([Change(by: actor).event(.accountChange, name.value, detail)])
      return account
    }
  }

  /// Deletes an account with its tokens and memberships, unless it owns a repository that holds manifests.
  ///
  /// Its other repositories forget what they said about who may see them, and what is in their trash: a later account of
  /// that name has not said it, and may not have it back.
  public func deleteAccount(_ name: AccountName, by actor: Author) async throws(CatalogError) -> AccountDeletion {
    try await write(while: "deleting the account \(name)") { database in
      guard let account = try database.account(name) else { return .unknown }
      let owned = try database.first(
        """
        SELECT r.name FROM repository r
        WHERE r.owner = ?
          AND EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = r.id AND m.unlinked_at IS NULL)
        ORDER BY r.name LIMIT 1
        """, [name.value]
      ) { try $0.repositoryName(at: 0) }
      if let owned { return .owns(owned) }

      let change = Change(by: actor)
      let tokens = try database.revokeTokens("account_id = ?", [account.id])
      try database.run("DELETE FROM member WHERE organization_id = ?", [account.id])
      try database.run("DELETE FROM member WHERE user_id = ?", [account.id])
      try database.run("DELETE FROM account WHERE id = ?", [account.id])
      try database.run("UPDATE repository SET visibility = NULL WHERE owner = ?", [name.value])
      try database.run("DELETE FROM trash_window WHERE owner = ?", [name.value])
      try database.removeWebhooks("owner = ?", [name.value])
      try database.run(
        "DELETE FROM quota WHERE scope = ? OR scope > ? AND scope < ?",
        [name.value, "\(name)/", "\(name)0"])
      _ = try database.emptyTrash(
        where: "repository_id IN (SELECT r.id FROM repository r WHERE r.owner = ?)", [name.value], at: change.now)
      try database.record([
        change.event(
          .accountDelete, name.value,
          ["kind": account.kind.rawValue, "tokensRevoked": tokens.isEmpty ? nil : "\(tokens.count)"])
      ])
      return .deleted
    }
  }
}

extension Database {
  func account(_ name: AccountName) throws -> Account? {
    try first("SELECT \(Account.columns) FROM account WHERE name = ?", [name.value]) { try $0.account() }
  }
}

extension Account {
  /// What is different now, as the audit trail tells it: of the password only that it is.
  fileprivate func differences(from old: Account) -> [String: String] {
    let differences = [
      "password": passwordHash == old.passwordHash ? nil : "changed",
      "administrator": isAdministrator == old.isAdministrator ? nil : "\(isAdministrator)",
      "disabled": isDisabled == old.isDisabled ? nil : "\(isDisabled)",
      "defaultVisibility": defaultVisibility == old.defaultVisibility ? nil : defaultVisibility.rawValue,
    ]
    return differences.compactMapValues { $0 }
  }
}
