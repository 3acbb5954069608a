public import OCI

/// Who owns repositories: a user, who may log in, or an organisation, which has members.
public struct Account: Hashable, Sendable {
  /// Whether it is a person's or a team's.
  public enum Kind: String, CaseIterable, Sendable {
    case user
    case organization
  }

  /// The row; it is never used again, so that what was given to a deleted account is nobody's.
  public let id: Int64
  /// The name.
  public let name: AccountName
  /// Whether it is a person's or a team's.
  public let kind: Kind
  /// The password's hash in the notation of crypt(5); nil where nobody can log in by password.
  public let passwordHash: String?
  /// Whether the account may do everything on this registry.
  public let isAdministrator: Bool
  /// Whether nothing of the account's may be used to log in.
  public let isDisabled: Bool
  /// The visibility of repositories that say nothing of their own.
  public let defaultVisibility: Visibility
  /// When it was made.
  public let createdAt: Timestamp

  /// Makes one of its parts.
  public init(
    id: Int64, name: AccountName, kind: Kind, passwordHash: String?, isAdministrator: Bool, isDisabled: Bool,
    defaultVisibility: Visibility, createdAt: Timestamp
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.passwordHash = passwordHash
    self.isAdministrator = isAdministrator
    self.isDisabled = isDisabled
    self.defaultVisibility = defaultVisibility
    self.createdAt = createdAt
  }
}

/// An account that is to be made.
public struct NewAccount: Sendable {
  /// The name.
  public var name: AccountName
  /// Whether it is a person's or a team's.
  public var kind: Account.Kind
  /// The password's hash in the notation of crypt(5).
  public var passwordHash: String?
  /// Whether it may do everything.
  public var isAdministrator: Bool

  /// Makes one of its parts.
  public init(name: AccountName, kind: Account.Kind, passwordHash: String? = nil, isAdministrator: Bool = false) {
    self.name = name
    self.kind = kind
    self.passwordHash = passwordHash
    self.isAdministrator = isAdministrator
  }
}

/// What is to change about an account; what is nil stays.
public struct AccountChange: Sendable {
  /// The new password's hash. Refresh tokens that the old password gave are revoked.
  public var passwordHash: String?
  /// Whether it may do everything.
  public var isAdministrator: Bool?
  /// Whether nothing of the account's may be used to log in.
  public var isDisabled: Bool?
  /// The visibility of repositories that say nothing of their own.
  public var defaultVisibility: Visibility?

  /// Changes nothing until told otherwise.
  public init() {}
}

/// What became of a request to delete an account.
public enum AccountDeletion: Hashable, Sendable {
  case deleted
  /// There is no such account.
  case unknown
  /// It stays, because it owns this repository, which holds manifests.
  case owns(RepositoryName)
}

/// Who may pull from a repository without a role in its owner.
public enum Visibility: String, CaseIterable, Sendable {
  /// Anyone, logged in or not.
  case `public`
  /// Any account.
  case `internal`
  /// Nobody.
  case `private`
}

/// What a member may do with an organisation's repositories; each may do what those before it may.
public enum Role: String, CaseIterable, Comparable, Sendable {
  /// Pull.
  case read
  /// Push.
  case write
  /// Delete, and change who may do what.
  case admin

  /// Orders by what they allow.
  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .read: 0
    case .write: 1
    case .admin: 2
    }
  }
}

/// A user's role in an organisation.
public struct Membership: Hashable, Sendable {
  /// The organisation.
  public let organization: AccountName
  /// The user.
  public let user: AccountName
  /// What the user may do there.
  public let role: Role

  /// Makes one of its parts.
  public init(organization: AccountName, user: AccountName, role: Role) {
    self.organization = organization
    self.user = user
    self.role = role
  }
}

/// What became of a request to change a member.
public enum MemberChange: Hashable, Sendable {
  case changed
  /// It was so already.
  case unchanged
  case unknownOrganization
  case unknownUser
}
