public import OCI

/// Which repositories a retention policy or a webhook is for: one, all of an owner's, or all of the registry's.
public enum RepositoryScope: Hashable, Sendable {
  case registry
  case owner(AccountName)
  case repository(RepositoryName)

  /// The scopes that a repository is in, the narrowest first.
  public static func all(of repository: RepositoryName) -> [RepositoryScope] {
    [.repository(repository), .owner(AccountName(ownerOf: repository)), .registry]
  }

  /// Reads `team`, `team/api`, or `*` for the registry.
  ///
  /// - Throws: `InvalidRepositoryScope`. A repository whose name is its owner's alone is no scope of its own.
  public init(parsing text: some StringProtocol) throws(InvalidRepositoryScope) {
    if text == "*" {
      self = .registry
    } else if text.contains("/"), let repository = try? RepositoryName(parsing: text) {
      self = .repository(repository)
    } else if let owner = try? AccountName(parsing: text) {
      self = .owner(owner)
    } else {
      throw InvalidRepositoryScope()
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

extension RepositoryScope: CustomStringConvertible {
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
public struct InvalidRepositoryScope: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "a scope is written team for all of an owner's repositories, team/api for one, or * for all of the registry's"
  }
}
