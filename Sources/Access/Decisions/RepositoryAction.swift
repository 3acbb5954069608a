public import Catalog

/// What somebody wants to do with a repository (Distribution's token specification, "Resource Scope").
public enum RepositoryAction: String, CaseIterable, Sendable {
  case pull
  case push
  case delete

  /// The lowest role in the repository's owner that allows it.
  public var role: Role {
    switch self {
    case .pull: .read
    case .push: .write
    case .delete: .admin
    }
  }

  /// The scopes of a token of which one allows it.
  public var scopes: [TokenScope] {
    switch self {
    case .pull: [.readPackages, .writePackages, .admin]
    case .push: [.writePackages, .admin]
    case .delete: [.deletePackages, .admin]
    }
  }
}
