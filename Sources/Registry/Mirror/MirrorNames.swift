public import OCI

/// Which repository a name in a request means, on a registry that mirrors others.
///
/// A mirrored repository has one name here, `<prefix>/<name at the upstream>`, whatever it was asked for by, so that
/// access, audit and the catalogue know one name.
public struct MirrorNames: Sendable {
  /// What a name means.
  public enum Meaning: Hashable, Sendable {
    /// This repository.
    case repository(RepositoryName)
    /// The one that was named where there is such a repository here, else the other one.
    case named(RepositoryName, orElse: RepositoryName)
  }

  fileprivate struct Entry: Sendable {
    let host: RegistryHost
    let prefix: RepositoryName
    let isRoot: Bool
  }

  /// Those with the longest prefixes first, so that the one that fits best is found first.
  private let entries: [Entry]

  /// Takes the upstreams; of two that say they are the root the first one is.
  public init(_ upstreams: [MirrorUpstream]) {
    entries = upstreams.map { Entry(host: $0.host, prefix: $0.prefix, isRoot: $0.isRoot) }
      .sorted { $0.prefix.value.utf8.count > $1.prefix.value.utf8.count }
  }

  /// What a name means.
  ///
  /// - Parameters:
  ///   - name: the name in the request's path.
  ///   - namespace: the registry that containerd says the name belongs to (`?ns=`).
  public func meaning(of name: RepositoryName, namespace: RegistryHost? = nil) -> Meaning {
    if let namespace, let entry = entries.first(where: { $0.host == namespace }) {
      return .repository(entry.local(name) ?? name)
    }
    if let (entry, remote) = split(name) { return .repository(entry.local(remote) ?? name) }
    guard let root = entries.first(where: \.isRoot), let mirrored = root.local(name) else { return .repository(name) }
    return .named(name, orElse: mirrored)
  }

  /// The upstream of a repository here, and its name there.
  func origin(of repository: RepositoryName) -> (host: RegistryHost, remote: RepositoryName)? {
    split(repository).map { ($0.host, $0.canonical($1)) }
  }

  private func split(_ name: RepositoryName) -> (Entry, RepositoryName)? {
    for entry in entries where name.value.utf8.starts(with: "\(entry.prefix)/".utf8) {
      let rest = name.value.dropFirst(entry.prefix.value.count + 1)
      if let remote = try? RepositoryName(parsing: rest) { return (entry, remote) }
    }
    return nil
  }
}

extension MirrorNames.Entry {
  /// The name at the upstream: Docker Hub's own images are in `library`, which its users leave out.
  fileprivate func canonical(_ name: RepositoryName) -> RepositoryName {
    guard host == .dockerHub, !name.value.utf8.contains(UInt8(ascii: "/")) else { return name }
    return (try? RepositoryName(parsing: "library/\(name)")) ?? name
  }

  /// The name here; nil where it would be too long.
  fileprivate func local(_ name: RepositoryName) -> RepositoryName? {
    try? RepositoryName(parsing: "\(prefix)/\(canonical(name))")
  }
}
