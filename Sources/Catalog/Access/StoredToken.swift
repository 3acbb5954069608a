public import OCI

/// What a token may be used for, in the terms of GitHub's packages.
public enum TokenScope: String, CaseIterable, Sendable {
  case readPackages = "read:packages"
  case writePackages = "write:packages"
  case deletePackages = "delete:packages"
  /// Everything that its owner may do, the management of accounts and tokens included.
  case admin
}

/// A token as the catalogue knows it: all but the secret.
public struct StoredToken: Hashable, Sendable {
  /// What it stands for.
  public enum Kind: String, CaseIterable, Sendable {
    /// A user.
    case personal
    /// A machine that acts for an organisation.
    case robot
    /// A login that a client keeps in place of the password (OAuth 2.0, section 1.5).
    case refresh
  }

  /// The row; it is never used again.
  public let id: Int64
  /// The user or organisation.
  public let owner: AccountName
  /// What it stands for.
  public let kind: Kind
  /// What its owner calls it.
  public let name: String
  /// What it may be used for.
  public let scopes: Set<TokenScope>
  /// Patterns of the repositories that it may be used for; empty where that is all.
  public let repositories: [String]
  /// When it was made.
  public let createdAt: Timestamp
  /// Until when it can be used; nil where that is not limited.
  public let expiresAt: Timestamp?
  /// When it was last used, to the minute.
  public let lastUsedAt: Timestamp?
  /// From which address it was last used.
  public let lastUsedFrom: String?

  /// Makes one of its parts.
  public init(
    id: Int64, owner: AccountName, kind: Kind, name: String, scopes: Set<TokenScope>, repositories: [String],
    createdAt: Timestamp, expiresAt: Timestamp?, lastUsedAt: Timestamp?, lastUsedFrom: String?
  ) {
    self.id = id
    self.owner = owner
    self.kind = kind
    self.name = name
    self.scopes = scopes
    self.repositories = repositories
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.lastUsedAt = lastUsedAt
    self.lastUsedFrom = lastUsedFrom
  }
}

/// A token that is to be made.
public struct NewToken: Sendable {
  /// The SHA-256 of the secret.
  public var hash: [UInt8]
  /// The user or organisation.
  public var owner: AccountName
  /// What it stands for.
  public var kind: StoredToken.Kind
  /// What its owner calls it; robots of one organisation have different names.
  public var name: String
  /// What it may be used for.
  public var scopes: Set<TokenScope>
  /// Patterns of the repositories that it may be used for; empty where that is all.
  public var repositories: [String]
  /// Until when it can be used.
  public var expiresAt: Timestamp?
  /// The token whose end ends this one, too.
  public var parent: Int64?

  /// Makes one of its parts.
  public init(
    hash: [UInt8], owner: AccountName, kind: StoredToken.Kind, name: String, scopes: Set<TokenScope>,
    repositories: [String] = [], expiresAt: Timestamp? = nil, parent: Int64? = nil
  ) {
    self.hash = hash
    self.owner = owner
    self.kind = kind
    self.name = name
    self.scopes = scopes
    self.repositories = repositories
    self.expiresAt = expiresAt
    self.parent = parent
  }
}

/// What became of a request to make a token.
public enum TokenCreation: Hashable, Sendable {
  case created(StoredToken)
  /// There is no account of that name that may have such a token, or the token that it was to hang on is gone.
  case unknownOwner
  /// The organisation has a robot of that name.
  case nameTaken
}

/// A token and who stands behind it.
public struct TokenHolder: Hashable, Sendable {
  /// The token.
  public let token: StoredToken
  /// Its owner.
  public let account: Account

  /// Makes one of its parts.
  public init(token: StoredToken, account: Account) {
    self.token = token
    self.account = account
  }
}

/// That a token was used.
public struct TokenUse: Hashable, Sendable {
  /// The token's row.
  public let id: Int64
  /// When.
  public let at: Timestamp
  /// From which address.
  public let address: String

  /// Makes one of its parts.
  public init(id: Int64, at: Timestamp, address: String) {
    self.id = id
    self.at = at
    self.address = address
  }
}
