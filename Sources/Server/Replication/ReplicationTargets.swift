import Locks
import OCI
import Registry
import RegistryClient

/// The clients that speak to the targets of replication, one for each of the file's.
final class ReplicationTargets: Sendable {
  private let registry: Registry
  private let proxies: ProxySettings
  private let clients = Locked<[RemoteAddress: RegistryClient]>([:])

  /// Takes the registry that is replicated, and the proxies that targets are reached through.
  init(_ registry: Registry, through proxies: ProxySettings) {
    self.registry = registry
    self.proxies = proxies
  }

  /// The targets of a file; those that have not changed keep their connections and tokens.
  func targets(of file: ReplicationFile) throws -> [String: any ReplicationTarget] {
    try file.targets.mapValues { address in
      TargetClient(client: try client(for: address), host: address.host, registry: registry)
    }
  }

  private func client(for address: RemoteAddress) throws -> RegistryClient {
    try clients.withLock { clients in
      if let client = clients[address] { return client }
      let client = try RegistryClient(RegistryClientConfiguration(address, through: proxies))
      clients[address] = client
      return client
    }
  }

  /// Closes all connections, to targets that are gone as well: what they had begun was let come to its end.
  func shutdown() async throws {
    let clients = clients.withLock { clients in
      defer { clients = [:] }
      return clients.values
    }
    for client in clients { try await client.shutdown() }
  }
}
