public import OCI

/// What a retention policy is for: one repository, all of an owner's, or all of the registry's.
public enum RetentionScope: Hashable, Sendable {
  case registry
  case owner(AccountName)
  case repository(RepositoryName)

  /// The scopes whose policies hold in a repository, the most important first.
  public static func all(of repository: RepositoryName) -> [RetentionScope] {
    [.repository(repository), .owner(AccountName(ownerOf: repository)), .registry]
  }

  /// Reads `team`, `team/api`, or `*` for the registry.
  ///
  /// - Throws: `InvalidRetentionScope`. A repository whose name is its owner's alone has no policy of its own.
  public init(parsing text: some StringProtocol) throws(InvalidRetentionScope) {
    if text == "*" {
      self = .registry
    } else if text.contains("/"), let repository = try? RepositoryName(parsing: text) {
      self = .repository(repository)
    } else if let owner = try? AccountName(parsing: text) {
      self = .owner(owner)
    } else {
      throw InvalidRetentionScope()
    }
  }

  /// Whose administrators decide about it; nil stands for those of the registry.
  public var owner: AccountName? {
    switch self {
    case .registry: nil
    case .owner(let owner): owner
    case .repository(let repository): AccountName(ownerOf: repository)
    }
  }
}

extension RetentionScope: CustomStringConvertible {
  /// The form that `init(parsing:)` reads.
  public var description: String {
    switch self {
    case .registry: "*"
    case .owner(let owner): owner.value
    case .repository(let repository): repository.value
    }
  }
}

/// Text that is no scope.
public struct InvalidRetentionScope: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a scope is written team for all of an owner's repositories, team/api for one, or * for all of the registry's"
  }
}
