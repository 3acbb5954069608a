internal import Foundation
internal import GRDB
internal import OCI

extension Account {
  /// What `Row.account` reads, of the table or alias `account`.
  static let columns = """
    account.id, account.name, account.kind, account.password_hash, account.is_administrator, account.is_disabled, \
    account.default_visibility, account.created_at
    """
}

extension StoredToken {
  /// What `Row.token` reads, of the tables or aliases `token` and `account`.
  static let columns = """
    token.id, account.name, token.kind, token.name, token.scopes, token.repositories, token.created_at, \
    token.expires_at, token.last_used_at, token.last_used_from
    """
  /// How many they are.
  static let columnCount = 10
}

extension Row {
  /// The columns `Account.columns`, of which the first is at an index.
  func account(at index: Int = 0) throws -> Account {
    Account(
      id: self[index], name: try accountName(at: index + 1), kind: try value(at: index + 2),
      passwordHash: self[index + 3], isAdministrator: self[index + 4], isDisabled: self[index + 5],
      defaultVisibility: try value(at: index + 6), createdAt: Timestamp(milliseconds: self[index + 7]))
  }

  /// The columns `StoredToken.columns`.
  func token() throws -> StoredToken {
    StoredToken(
      id: self[0], owner: try accountName(at: 1), kind: try value(at: 2), name: self[3],
      scopes: try ScopesColumn.decode(self[4]), repositories: try PatternsColumn.decode(self[5]),
      createdAt: Timestamp(milliseconds: self[6]), expiresAt: timestamp(at: 7), lastUsedAt: timestamp(at: 8),
      lastUsedFrom: self[9])
  }

  func accountName(at index: Int) throws -> AccountName {
    try AccountName(parsing: self[index] as String)
  }

  func timestamp(at index: Int) -> Timestamp? {
    (self[index] as Int64?).map(Timestamp.init(milliseconds:))
  }

  /// A value whose raw value the column holds.
  func value<Value: RawRepresentable>(at index: Int, as type: Value.Type = Value.self) throws -> Value
  where Value.RawValue == String {
    guard let value = try value(orNilAt: index, as: type) else { throw CorruptColumn("no \(type)") }
    return value
  }

  /// A value whose raw value the column holds, or nil where it holds none.
  func value<Value: RawRepresentable>(orNilAt index: Int, as type: Value.Type = Value.self) throws -> Value?
  where Value.RawValue == String {
    guard let text = self[index] as String? else { return nil }
    guard let value = Value(rawValue: text) else { throw CorruptColumn("an unknown \(type)") }
    return value
  }
}

/// A token's scopes as the column holds them, words parted by spaces.
enum ScopesColumn {
  static func encode(_ scopes: Set<TokenScope>) -> String {
    scopes.map(\.rawValue).sorted().joined(separator: " ")
  }

  static func decode(_ text: String) throws -> Set<TokenScope> {
    Set(
      try text.split(separator: " ").map { word in
        guard let scope = TokenScope(rawValue: String(word)) else { throw CorruptColumn("an unknown TokenScope") }
        return scope
      })
  }
}

/// A token's patterns as the column holds them, a JSON array.
enum PatternsColumn {
  static func encode(_ patterns: [String]) -> String? {
    patterns.isEmpty ? nil : JSONText.array(patterns.map(JSONText.string))
  }

  static func decode(_ text: String?) throws -> [String] {
    guard let text else { return [] }
    return try JSONDecoder().decode([String].self, from: Data(text.utf8))
  }
}
