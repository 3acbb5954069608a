public import OCI

/// The name of a user or an organisation: the first component of the names of its repositories.
public struct AccountName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The name as it stands in paths.
  public let value: String

  /// Reads one component of a repository's name.
  public init(parsing text: some StringProtocol) throws(InvalidAccountName) {
    guard text.utf8.count <= 64, !text.contains("/"), (try? RepositoryName(parsing: text)) != nil else {
      throw InvalidAccountName(description: Self.rule)
    }
    value = String(text)
  }

  /// The owner of a repository, whether there is such an account or not.
  public init(ownerOf repository: RepositoryName) {
    let name = repository.value
    value = String(name[..<(name.utf8.firstIndex(of: UInt8(ascii: "/")) ?? name.endIndex)])
  }

  private static let rule =
    "the name of a user or an organisation has up to 64 lower-case letters and digits, joined inside by one '.', one or "
    + "two '_', or dashes, such as alice or platform-team"

  /// The name.
  public var description: String { value }

  /// Orders by the names' bytes.
  public static func < (left: AccountName, right: AccountName) -> Bool {
    left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
  }
}

/// Text that is no name of an account.
public struct InvalidAccountName: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public let description: String
}
