import Catalog
import Foundation
import Locks
import Logging
import OCI
import Registry
import RegistryClient
import ServiceLifecycle

/// Replication as the settings have it, and what has to run for it.
struct ReplicationParts {
  /// Nil where nothing is replicated.
  let replication: Replication?
  let services: [any Service]
  let targets: ReplicationTargets

  /// Closes all connections.
  func close() async throws { try await targets.shutdown() }
}

extension Settings {
  /// Opens replication; without the setting nothing is replicated, and no event is kept for it.
  ///
  /// - Throws: what keeps the server from starting, such as a replication file that cannot be read.
  func makeReplication(
    _ registry: Registry, _ mirror: MirroredRegistry, _ catalog: any Catalog, _ prometheus: PrometheusRegistry,
    _ logger: Logger
  ) async throws -> ReplicationParts {
    let proxies = replication == nil ? .none : try ProxySettings(environment: ProcessInfo.processInfo.environment)
    let targets = ReplicationTargets(registry, through: proxies)
    guard let file = try await watch(self.replication, logger, parse: { try ReplicationFile(yaml: $0) }) else {
      try await catalog.forget(.replication)
      return ReplicationParts(replication: nil, services: [], targets: targets)
    }
    let replication = Replication(
      registry: registry, isMirror: { mirror.visibility(of: $0) != nil },
      report: { logger.error("replication failed here", metadata: ["reason": "\($0)"]) })
    let apply = { @Sendable (contents: ReplicationFile) async throws in
      try await replication.follow(contents.rules, targets: try targets.targets(of: contents))
      prometheus.observe(replication, contents.rules.map(\.name))
    }
    try await apply(file.value)
    try await replication.begin()
    let applied = Locked(file.changes)
    let service = ReplicationService(
      replication: replication,
      applyChanges: {
        let changes = file.changes
        guard applied.withLock({ $0 != changes }) else { return }
        try await apply(file.value)
        applied.withLock { $0 = changes }
      }, logger: logger)
    return ReplicationParts(replication: replication, services: [file, service], targets: targets)
  }
}
