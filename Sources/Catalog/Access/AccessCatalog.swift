public import OCI

/// What is known about who may do what: accounts, members, tokens, and what repositories say about access.
///
/// Each method that changes something takes who does it, and records the audit event of it in the same transaction.
public protocol AccessCatalog: Sendable {
  // MARK: Accounts

  /// The account of a name.
  func account(_ name: AccountName) async throws(CatalogError) -> Account?

  /// Accounts of a kind, in the order of their names' bytes, after one name.
  func accounts(_ kind: Account.Kind, after: String?, limit: Int) async throws(CatalogError) -> [Account]

  /// Whether an administrator that is not disabled can log in and manage: has a password, or a token with the scope
  /// `admin` for all repositories that has not expired.
  func hasUsableAdministrator() async throws(CatalogError) -> Bool

  /// Makes an account.
  ///
  /// - Returns: nil where there is an account of that name.
  func createAccount(_ new: NewAccount, by actor: Author) async throws(CatalogError) -> Account?

  /// Changes an account.
  ///
  /// - Returns: the account as it is then, or nil where there is none.
  func changeAccount(
    _ name: AccountName, _ change: AccountChange, by actor: Author
  ) async throws(CatalogError) -> Account?

  /// Deletes an account with its tokens and memberships, unless it owns a repository that holds manifests.
  func deleteAccount(_ name: AccountName, by actor: Author) async throws(CatalogError) -> AccountDeletion

  // MARK: Members

  /// The members of an organisation, in the order of their names' bytes.
  func members(of organization: AccountName) async throws(CatalogError) -> [Membership]

  /// The organisations that a user is a member of, in the order of their names' bytes.
  func memberships(of user: AccountName) async throws(CatalogError) -> [Membership]

  /// Gives a user a role in an organisation, or none.
  func setRole(
    _ role: Role?, of user: AccountName, in organization: AccountName, by actor: Author
  ) async throws(CatalogError) -> MemberChange

  // MARK: Tokens

  /// Makes a token.
  func createToken(_ new: NewToken, by actor: Author) async throws(CatalogError) -> TokenCreation

  /// The token with a hash, and its owner; revoked ones are not there, those that have expired are.
  func token(hash: [UInt8]) async throws(CatalogError) -> TokenHolder?

  /// The token of a row, and its owner; revoked ones are not there, those that have expired are.
  func token(id: Int64) async throws(CatalogError) -> TokenHolder?

  /// An account's tokens but for refresh tokens, in the order in which they were made.
  func tokens(of owner: AccountName) async throws(CatalogError) -> [StoredToken]

  /// Revokes a token and those that hang on it.
  ///
  /// - Returns: whether there was one.
  func revokeToken(_ id: Int64, by actor: Author) async throws(CatalogError) -> Bool

  /// Records that tokens were used. It need not survive power loss.
  func recordTokenUses(_ uses: [TokenUse]) async throws(CatalogError)

  /// Removes tokens that expired before a moment.
  func removeExpiredTokens(before: Timestamp) async throws(CatalogError)

  // MARK: Repositories

  /// What decides about access to a repository.
  func repositoryAccess(_ repository: RepositoryName) async throws(CatalogError) -> RepositoryAccess

  /// Makes a repository without anything in it.
  ///
  /// - Returns: false where there is one.
  func createRepository(
    _ repository: RepositoryName, visibility: Visibility?, by actor: Author
  ) async throws(CatalogError) -> Bool

  /// Changes a repository's visibility; nil stands for its owner's default.
  ///
  /// - Returns: false where there is no such repository.
  func setVisibility(
    _ visibility: Visibility?, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool

  /// Repositories that have a blob, up to a number.
  func repositories(holding blob: Digest, limit: Int) async throws(CatalogError) -> [RepositoryName]

  // MARK: Keys

  /// The keys that sign access tokens, the newest first.
  func signingKeys() async throws(CatalogError) -> [SigningKey]

  /// Adds the key that signs from now on, and forgets those that were made before a moment.
  func addSigningKey(_ key: SigningKey, forgettingBefore: Timestamp, by actor: Author) async throws(CatalogError)
}

/// What decides about access to a repository.
public struct RepositoryAccess: Hashable, Sendable {
  /// Whether there is such a repository.
  public let exists: Bool
  /// What the repository itself says.
  public let visibility: Visibility?
  /// Who owns it; nil where there is no account of that name.
  public let owner: Account?

  /// Makes one of its parts.
  public init(exists: Bool, visibility: Visibility?, owner: Account?) {
    self.exists = exists
    self.visibility = visibility
    self.owner = owner
  }

  /// What holds: a repository that does not exist is private, so that nobody learns that it does not.
  public var effectiveVisibility: Visibility {
    exists ? visibility ?? owner?.defaultVisibility ?? .private : .private
  }
}

/// Which repositories a list may show.
public enum RepositoryFilter: Hashable, Sendable {
  case all
  /// Public ones, those of these owners, and internal ones where `andInternal` is true.
  case readable(owners: Set<AccountName>, andInternal: Bool)
}

/// A private key that signs access tokens.
public struct SigningKey: Hashable, Sendable {
  /// The name that tokens carry (`kid`, RFC 7515, section 4.1.4).
  public let id: String
  /// The private key, P-256, as raw bytes.
  public let privateKey: [UInt8]
  /// When it was made.
  public let createdAt: Timestamp

  /// Makes one of its parts.
  public init(id: String, privateKey: [UInt8], createdAt: Timestamp) {
    self.id = id
    self.privateKey = privateKey
    self.createdAt = createdAt
  }
}
