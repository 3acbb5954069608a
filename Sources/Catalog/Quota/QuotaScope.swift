public import OCI

/// What a quota is for: all of an owner's repositories together, or one repository.
public enum QuotaScope: Hashable, Sendable {
  case owner(AccountName)
  case repository(RepositoryName)

  /// Reads `team` or `team/api`.
  ///
  /// - Throws: `InvalidQuotaScope`. A repository whose name is its owner's alone has no quota of its own.
  public init(parsing text: some StringProtocol) throws(InvalidQuotaScope) {
    if text.contains("/"), let repository = try? RepositoryName(parsing: text) {
      self = .repository(repository)
    } else if let owner = try? AccountName(parsing: text) {
      self = .owner(owner)
    } else {
      throw InvalidQuotaScope()
    }
  }

  /// Whose repositories it is about.
  public var owner: AccountName {
    switch self {
    case .owner(let owner): owner
    case .repository(let repository): AccountName(ownerOf: repository)
    }
  }
}

extension QuotaScope: CustomStringConvertible {
  /// The form that `init(parsing:)` reads.
  public var description: String {
    switch self {
    case .owner(let owner): owner.value
    case .repository(let repository): repository.value
    }
  }
}

/// Text that no quota is for.
public struct InvalidQuotaScope: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a quota is for team, which stands for all of an owner's repositories together, or for one, such as team/api"
  }
}
