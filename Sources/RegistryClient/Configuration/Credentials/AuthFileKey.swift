internal import Foundation
internal import OCI

/// What an entry of a file of credentials is for: a registry, or those of its repositories that a path leads to.
struct AuthFileKey: Hashable {
  /// The key that Docker's client has for Docker Hub.
  static let dockerHub = "https://index.docker.io/v1/"

  /// The registry.
  let host: RegistryHost
  /// The components that a repository's name has to begin with; empty for all repositories.
  let path: [Substring]

  /// Reads `registry.example.org`, `registry.example.org/team/app`, or the URL that older programs wrote.
  ///
  /// - Returns: nil for what names no registry.
  init?(parsing text: String) {
    let isURL: Bool
    var rest = text[...]
    if let mark = text.range(of: "://") {
      isURL = true
      rest = text[mark.upperBound...]
    } else {
      isURL = false
    }
    let parts = rest.split(separator: "/")
    guard let name = parts.first, let host = try? RegistryHost(parsing: name) else { return nil }
    self.host = Self.canonical(host)
    let path = parts.dropFirst()
    // The path of a URL was the version of the protocol, never a repository.
    self.path = isURL || path.elementsEqual(["v1"]) || path.elementsEqual(["v2"]) ? [] : Array(path)
  }

  /// The one name of a registry that has several.
  static func canonical(_ host: RegistryHost) -> RegistryHost {
    host.name == "registry-1.docker.io" ? .dockerHub : host
  }

  /// Whether an entry under this key is for a repository, or for the registry as a whole where that is nil.
  func covers(_ host: RegistryHost, _ repository: RepositoryName?) -> Bool {
    guard self.host == Self.canonical(host) else { return false }
    return path.isEmpty || repository.map { $0.value.split(separator: "/").starts(with: path) } == true
  }

  /// Those of a file's keys that are for a repository: the longest first, and of those alike the plain ones.
  static func matches(
    among keys: some Sequence<String>, _ host: RegistryHost, _ repository: RepositoryName?
  ) -> [String] {
    let found = keys.compactMap { text -> (text: String, length: Int)? in
      guard let key = AuthFileKey(parsing: text), key.covers(host, repository) else { return nil }
      return (text, key.path.count)
    }
    return found.sorted { left, right in
      let (leftRank, rightRank) = (plainness(left.text), plainness(right.text))
      return (-left.length, leftRank, left.text) < (-right.length, rightRank, right.text)
    }.map(\.text)
  }

  private static func plainness(_ text: String) -> Int { text.contains("://") ? 1 : 0 }
}
