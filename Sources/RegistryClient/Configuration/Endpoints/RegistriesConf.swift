internal import OCI

/// What `registries.conf` and the files beside it say of registries (containers-registries.conf(5), version 2).
struct RegistriesConf: Sendable {
  /// Where content is, and how that is spoken to.
  struct Source: Hashable, Sendable {
    /// Where it is.
    let location: RegistryLocation
    /// Whether certificates are not verified, and HTTP will do; nil where nothing was written.
    let isInsecure: Bool?
  }

  /// A place that is pulled from before the registry itself.
  struct Mirror: Hashable, Sendable {
    /// Where it is.
    let source: Source
    /// What it is asked for.
    let references: RegistryEndpoint.References
  }

  /// A `[[registry]]` table.
  struct Entry: Hashable, Sendable {
    /// What images it is for.
    let prefix: RegistryPrefix
    /// Where they are instead of where their names say.
    let location: RegistryLocation?
    /// Whether certificates are not verified, and HTTP will do; nil where nothing was written.
    let isInsecure: Bool?
    /// Whether they must not be asked for.
    let isBlocked: Bool
    /// Its mirrors, in the order in which they are tried.
    let mirrors: [Mirror]
    /// The file that it stands in.
    let file: String
  }

  /// The entries, no two of them for the same prefix.
  private(set) var entries: [RegistryPrefix: Entry] = [:]

  /// Adds what another file says; where both are about the same prefix, the later one counts alone.
  mutating func add(_ other: [Entry]) {
    for entry in other { entries[entry.prefix] = entry }
  }

  /// The entry with the longest prefix that covers a repository, or the registry as a whole where that is nil.
  func entry(for host: RegistryHost, _ repository: RepositoryName?) -> Entry? {
    entries.values.filter { $0.prefix.covers(host, repository) }.max { $0.prefix.rank < $1.prefix.rank }
  }
}
