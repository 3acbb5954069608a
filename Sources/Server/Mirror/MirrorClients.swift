import Locks
import OCI
import Registry
import RegistryClient

/// The clients that speak to upstreams, one for each entry of the mirror file.
final class MirrorClients: Sendable {
  private let clients = Locked<[MirrorFile.Entry: RegistryClient]>([:])
  private let known = Locked<[RegistryHost: PullBudget]>([:])
  private let proxies: ProxySettings

  /// Takes the proxies that upstreams are reached through.
  init(through proxies: ProxySettings) {
    self.proxies = proxies
  }

  /// How many pulls each upstream still allowed when it last said so.
  var budgets: [RegistryHost: PullBudget] { known.withLock { $0 } }

  /// The upstreams of a file; those whose entries have not changed keep their connections and tokens.
  func upstreams(of file: MirrorFile) throws -> [MirrorUpstream] {
    try file.entries.map { entry in
      MirrorUpstream(
        host: entry.host, prefix: entry.prefix, isRoot: entry.isRoot, repositories: entry.repositories,
        visibility: entry.visibility, revalidateAfter: entry.revalidateAfter,
        upstream: UpstreamClient(client: try client(for: entry), host: entry.host))
    }
  }

  private func client(for entry: MirrorFile.Entry) throws -> RegistryClient {
    try clients.withLock { clients in
      if let client = clients[entry] { return client }
      var configuration = RegistryClientConfiguration(entry.address, through: proxies)
      configuration.budgets = { [known] budget in known.withLock { $0[entry.host] = budget } }
      let client = try RegistryClient(configuration)
      clients[entry] = client
      return client
    }
  }

  /// Closes all connections, of entries that are gone as well: what they had begun was let come to its end.
  func shutdown() async throws {
    let clients = clients.withLock { clients in
      defer { clients = [:] }
      return clients.values
    }
    for client in clients { try await client.shutdown() }
  }
}
