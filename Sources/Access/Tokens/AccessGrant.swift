internal import Foundation
public import OCI

/// What is asked for or granted on one resource (Distribution's token specification, "Resource Scope").
///
/// As JSON it is an element of an access token's claim `access`.
public struct AccessGrant: Hashable, Sendable, CustomStringConvertible {
  /// What it is about.
  public enum Resource: Hashable, Sendable {
    case repository(RepositoryName)
    /// The list of repositories, `registry:catalog`.
    case catalog
  }

  /// What it is about.
  public let resource: Resource
  /// What may be done; `*` stands for everything.
  public let actions: Set<String>

  /// Makes one of its parts.
  public init(_ resource: Resource, _ actions: Set<String>) {
    self.resource = resource
    self.actions = actions
  }

  /// Reads the value of a parameter `scope`: `repository:team/api:pull,push` or `registry:catalog:*`.
  ///
  /// A registry's host may stand before the repository's name, with or without a port; one with a port is left out.
  /// - Returns: nil for a kind of resource that there is not, which is then not granted, as the specification has it.
  /// - Throws: `InvalidScope` for text that is no scope.
  public init?(parsing scope: some StringProtocol) throws(InvalidScope) {
    guard scope.utf8.count <= 1024, let first = scope.firstIndex(of: ":"), let last = scope.lastIndex(of: ":"),
      first != last
    else { throw InvalidScope() }
    // `repository(plugin)` names a class of repositories, of which there is one here.
    let type = scope[..<first].prefix { $0 != "(" }
    let name = scope[scope.index(after: first)..<last]
    let actions = String(scope[scope.index(after: last)...]).split(separator: ",").map(String.init)
    switch type {
    case "repository":
      var path = name[...]
      if let colon = name.firstIndex(of: ":") {
        guard let slash = name[colon...].firstIndex(of: "/") else { throw InvalidScope() }
        path = name[name.index(after: slash)...]
      }
      do {
        resource = .repository(try RepositoryName(parsing: path))
      } catch {
        throw InvalidScope()
      }
    case "registry" where name == "catalog": resource = .catalog
    case "": throw InvalidScope()
    default: return nil
    }
    self.actions = Set(actions)
  }

  /// The form `init(parsing:)` reads.
  public var description: String {
    let name =
      switch resource {
      case .catalog: "registry:catalog"
      case .repository(let repository): "repository:\(repository)"
      }
    return "\(name):\(actions.sorted().joined(separator: ","))"
  }

  /// Whether an action on a repository is among it.
  func allows(_ action: RepositoryAction, on repository: RepositoryName) -> Bool {
    resource == .repository(repository) && (actions.contains(action.rawValue) || actions.contains("*"))
  }

  /// The actions on a repository that it names.
  var repositoryActions: [RepositoryAction] {
    RepositoryAction.allCases.filter { actions.contains($0.rawValue) || actions.contains("*") }
  }
}

extension AccessGrant: Codable {
  private enum Key: String, CodingKey {
    case type, name, actions
  }

  /// Reads an element of the claim `access`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let (type, name) = (
      try container.decode(String.self, forKey: .type), try container.decode(String.self, forKey: .name)
    )
    actions = Set(try container.decode([String].self, forKey: .actions))
    switch (type, name) {
    case ("registry", "catalog"): resource = .catalog
    default: resource = .repository(try RepositoryName(parsing: name))
    }
  }

  /// Writes an element of the claim `access`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch resource {
    case .catalog:
      try container.encode("registry", forKey: .type)
      try container.encode("catalog", forKey: .name)
    case .repository(let name):
      try container.encode("repository", forKey: .type)
      try container.encode(name.value, forKey: .name)
    }
    try container.encode(actions.sorted(), forKey: .actions)
  }
}

/// Text that is no scope.
public struct InvalidScope: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description = "a scope reads like repository:team/api:pull,push or registry:catalog:*"
}
