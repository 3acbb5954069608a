import Foundation
import Locks
import Logging
import OCI
import Registry
import RegistryClient
import ServiceLifecycle

/// A mirror as the settings have it, and what has to run for it.
struct MirrorParts {
  let mirror: MirroredRegistry
  let services: [any Service]
  let clients: MirrorClients

  /// Ends what is being fetched, and closes all connections.
  func close() async throws {
    await mirror.close()
    try await clients.shutdown()
  }
}

extension Settings {
  /// Opens the mirror; without the setting it mirrors nothing.
  ///
  /// - Throws: what keeps the server from starting, such as a mirror file that cannot be read.
  func makeMirror(
    _ registry: Registry, _ collector: Collector, _ prometheus: PrometheusRegistry, _ logger: Logger
  ) async throws -> MirrorParts {
    let mirror = MirroredRegistry(
      registry: registry,
      report: { refusal in
        logger.warning("a mirrored tag does not follow its upstream", metadata: ["reason": "\(refusal)"])
      })
    let proxies = self.mirror == nil ? .none : try ProxySettings(environment: ProcessInfo.processInfo.environment)
    let clients = MirrorClients(through: proxies)
    guard let file = try await watch(self.mirror, logger, parse: { bytes in try MirrorFile(yaml: bytes) }) else {
      return MirrorParts(mirror: mirror, services: [], clients: clients)
    }
    let apply = { @Sendable (contents: MirrorFile) async throws in
      try await mirror.mirror(try clients.upstreams(of: contents), absentFor: contents.absentFor)
      prometheus.observe(mirror, contents.entries.map(\.host), clients)
    }
    try await apply(file.value)
    let applied = Locked(file.changes)
    let service = MirrorService(
      mirror: mirror, collector: collector, limit: mirrorMaxSize,
      applyChanges: {
        let changes = file.changes
        guard applied.withLock({ $0 != changes }) else { return }
        try await apply(file.value)
        applied.withLock { $0 = changes }
      }, logger: logger)
    return MirrorParts(mirror: mirror, services: [file, service], clients: clients)
  }
}
