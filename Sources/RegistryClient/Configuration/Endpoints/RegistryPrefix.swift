internal import OCI

/// What the names of images begin with that an entry of `registries.conf` is for.
struct RegistryPrefix: Hashable, Sendable {
  private enum Registry: Hashable, Sendable {
    case host(RegistryHost)
    /// Every host below a domain, whatever its port; the text begins with the dot.
    case below(String)
  }

  private let registry: Registry
  /// The path that repositories' names have to begin with, empty for all repositories.
  let path: String

  /// Reads `registry.example.org`, `registry.example.org/team` or `*.example.org`.
  init(parsing text: String) throws(InvalidLocation) {
    let isPattern = text.hasPrefix("*.")
    do {
      let location = try RegistryLocation(parsing: isPattern ? text.dropFirst(2) : text[...])
      guard !isPattern || location.host.port == nil else { throw InvalidLocation(text) }
      registry = isPattern ? .below(".\(location.host.name)") : .host(location.host)
      path = location.path
    } catch {
      throw InvalidLocation(text)
    }
  }

  /// The prefix that is a location's own.
  init(_ location: RegistryLocation) {
    registry = .host(location.host)
    path = location.path
  }

  /// Whether it is for a repository, or for the registry as a whole where that is nil.
  func covers(_ host: RegistryHost, _ repository: RepositoryName?) -> Bool {
    switch registry {
    case .host(let own): guard own == host else { return false }
    case .below(let domain): guard host.name.hasSuffix(domain), host.name != domain else { return false }
    }
    guard !path.isEmpty else { return true }
    return repository.map { $0.value == path || $0.value.hasPrefix("\(path)/") } == true
  }

  /// How much of a name it tells; of those that cover a repository, the one that tells most is meant.
  var rank: (Int, Int, Int) {
    switch registry {
    case .host: (path.utf8.count, 1, 0)
    case .below(let domain): (path.utf8.count, 0, domain.utf8.count)
    }
  }
}
