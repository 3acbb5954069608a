public import OCI

/// Which repositories a rule is for: `team` stands for all of an owner's, and everything else is a `Glob` over whole
/// names, such as `team/api`, `team/*`, `team/**` or `**`.
public struct RepositoryPattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it was written.
  public let description: String
  /// Whose repositories alone it fits; nil where it begins with a wildcard, and so fits those of several owners.
  public let owner: AccountName?
  private let glob: Glob

  /// Reads what may stand in names of repositories, `*` and `?`.
  ///
  /// - Throws: `InvalidRepositoryPattern`, also for what no repository's name can fit.
  public init(parsing text: some StringProtocol) throws(InvalidRepositoryPattern) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard text.utf8.count <= RepositoryName.maximumLength, parts.allSatisfy({ !$0.isEmpty }),
      text.utf8.allSatisfy(Self.mayStand), let glob = try? Glob(String(text))
    else { throw InvalidRepositoryPattern() }
    if parts[0].contains(where: { $0 == "*" || $0 == "?" }) {
      owner = nil
    } else {
      guard let name = try? RepositoryName(parsing: parts[0]) else { throw InvalidRepositoryPattern() }
      owner = AccountName(ownerOf: name)
    }
    self.glob = glob
    description = String(text)
  }

  /// Whether a repository is one of them.
  public func matches(_ repository: RepositoryName) -> Bool {
    if let owner, owner.value == description { return AccountName(ownerOf: repository) == owner }
    return glob.matches(repository.value)
  }

  private static func mayStand(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "._-/*?".utf8.contains(character)
    }
  }
}

/// Text that is no pattern of repositories.
public struct InvalidRepositoryPattern: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "repositories are written team for all of an owner's, team/api for one, or as a pattern such as team/*, team/** "
      + "or **"
  }
}
