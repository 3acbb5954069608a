internal import OCI

/// What a token is to allow (Distribution's token specification, "scope").
struct TokenScope: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The scope as it stands in a request, such as `repository:team/app:pull,push`.
  let description: String

  /// The right to do things in a repository.
  init(repository: RepositoryName, actions: [String]) {
    description = "repository:\(repository):\(actions.joined(separator: ","))"
  }

  /// Takes a scope that a registry names; nil for text that cannot be one.
  init?(challenged text: some StringProtocol) {
    guard !text.isEmpty, text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      return nil
    }
    description = String(text)
  }

  private init(known text: String) {
    description = text
  }

  /// The right to list all repositories.
  static let catalog = TokenScope(known: "registry:catalog:*")

  static func < (left: TokenScope, right: TokenScope) -> Bool { left.description < right.description }
}
