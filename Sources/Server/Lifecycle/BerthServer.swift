import Access
import BlobStorage
import Catalog
import HummingbirdCore
import Logging
public import NIOCore
import NIOPosix
import OCI
import Registry
import Retention
import ServiceLifecycle
import UnixSignals

/// A whole server: it opens the data folder, wires the rooms together, and serves until it is told to stop.
public struct BerthServer: Sendable {
  private let settings: Settings
  private let sink: LogSink

  /// - Parameters:
  ///   - settings: what is in force.
  ///   - sink: where log lines go; it stays the caller's.
  public init(settings: Settings, sink: LogSink) {
    self.settings = settings
    self.sink = sink
  }

  /// Serves until SIGTERM, SIGINT or the cancellation of the task, and then lets transfers finish.
  ///
  /// - Parameter listening: is told the address once clients can connect.
  /// - Throws: what keeps the server from starting, such as `DataFolderError` or an address that is in use.
  public func run(listening: @escaping @Sendable (SocketAddress) async -> Void = { _ in }) async throws {
    let (sink, format, level) = (sink, settings.logFormat, settings.logLevel)
    let logger = Logger(label: "berth") { _ in
      LineLogHandler(sink: sink, format: format, level: level)
    }
    OpenFileLimit.raise()
    let certificate = try await settings.watchedCertificate(logger: logger)
    let folder = try await DataFolder(path: settings.data)
    let registry = Registry(
      blobs: folder.blobs, catalog: folder.catalog,
      configuration: Registry.Configuration(
        collectionGrace: settings.gcGrace, allowsSparseIndexes: settings.sparseIndexes))
    let collector = Collector(registry: registry, policy: settings.collectionPolicy)
    let prometheus = PrometheusRegistry()
    let mirror = try await openMirror(registry, collector, folder, prometheus, logger)
    let replication = try await openReplication(registry, mirror, folder, prometheus, logger)
    let webhooks = settings.makeWebhooks(registry, folder.catalog, prometheus, logger)
    let access = try await openAccess(folder, mirror, replication, logger)
    let server = makeServer(
      registry, mirror.mirror, replication.replication, webhooks, collector, folder.catalog, access.control,
      prometheus, certificate, logger
    ) { address in
      let scheme = certificate == nil ? "http" : "https"
      logger.info(
        "serving", metadata: ["address": "\(scheme)://\(address.hostAndPort ?? "")", "data": "\(settings.data)"])
      await listening(address)
    }
    let collections = CollectionService(
      collector: collector, sessions: registry.sessions, interval: settings.gcInterval, logger: logger)
    do {
      try await folder.catalog.setStandardTrashWindow(settings.trashWindow)
      try await collector.resumeRemovals()
      let pulls = PullService(pulls: registry.pulls, logger: logger)
      let services: [(any Service)?] = [
        pulls, collections, webhooks.service, makeRetention(registry, folder.catalog, logger), certificate,
        makeRedirection(logger),
        server,
      ]
      try await serve(
        access.services + mirror.services + replication.services + services.compactMap { $0 }, logger)
      try await access.control?.close()
    } catch {
      try await replication.close()
      try await mirror.close()
      try await folder.close()
      throw error
    }
    try await replication.close()
    try await mirror.close()
    try await folder.close()
    logger.info("stopped")
  }

  private func openMirror(
    _ registry: Registry, _ collector: Collector, _ folder: DataFolder, _ prometheus: PrometheusRegistry,
    _ logger: Logger
  ) async throws -> MirrorParts {
    do {
      return try await settings.makeMirror(registry, collector, prometheus, logger)
    } catch {
      try await folder.close()
      throw error
    }
  }

  private func openReplication(
    _ registry: Registry, _ mirror: MirrorParts, _ folder: DataFolder, _ prometheus: PrometheusRegistry,
    _ logger: Logger
  ) async throws -> ReplicationParts {
    do {
      return try await settings.makeReplication(registry, mirror.mirror, folder.catalog, prometheus, logger)
    } catch {
      try await mirror.close()
      try await folder.close()
      throw error
    }
  }

  private func openAccess(
    _ folder: DataFolder, _ mirror: MirrorParts, _ replication: ReplicationParts, _ logger: Logger
  ) async throws -> AccessParts {
    do {
      let parts = try await settings.makeAccess(
        catalog: folder.catalog, visibilityOfMirrors: { mirror.mirror.visibility(of: $0) }, logger: logger)
      let changed = settings.effective.filter { $0.source != SettingSource.default.description }
      try await folder.catalog.record([
        AuditEvent(
          actor: .berth, action: .serverStart, outcome: .done, subject: "settings that are not at their defaults",
          detail: Dictionary(changed.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
      ])
      return parts
    } catch {
      try await replication.close()
      try await mirror.close()
      try await folder.close()
      throw error
    }
  }

  private func serve(_ services: [any Service], _ logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
    configuration.maximumGracefulShutdownDuration = settings.shutdownTimeout
    let group = ServiceGroup(configuration: configuration)
    // Cancellation would reach the transfers; in a task of their own they are let finish.
    let services = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await services.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }

  /// What the parts below tell of their own life matters to nobody but those who debug them.
  private func quiet(_ logger: Logger) -> Logger {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .error)
    return quiet
  }

  private func makeServer(
    _ registry: Registry, _ mirror: MirroredRegistry, _ replication: Replication?, _ webhooks: WebhookParts,
    _ collector: Collector, _ catalog: any Catalog, _ control: AccessControl?, _ prometheus: PrometheusRegistry,
    _ certificate: WatchedFiles<ServerCertificate>?,
    _ logger: Logger, listening: @escaping @Sendable (SocketAddress) async -> Void
  ) -> any Service {
    prometheus.observe(catalog, collector, registry.sessions)
    prometheus.observeQuotas(catalog)
    let metrics = ServerMetrics(registry: prometheus)
    let gate = AccessGate(control: control, limits: RequestLimits(settings), externalURL: settings.externalURL)
    let frontend = Frontend(
      distribution: DistributionAPI(
        registry: registry, mirror: mirror, gate: gate, maxManifestSize: settings.maxManifestSize.bytes),
      management: ManagementAPI(
        registry: registry, mirror: mirror, replication: replication, webhooks: webhooks, collector: collector,
        catalog: catalog, gate: gate),
      packages: PackagesAPI(registry: registry, catalog: catalog, gate: gate),
      tokens: TokenAPI(control: control, mirror: mirror),
      observability: ObservabilityAPI(catalog: catalog, prometheus: prometheus),
      gate: gate,
      proxies: settings.trustedProxies,
      metrics: metrics,
      accessLog: settings.accessLog ? AccessLog(sink: sink, format: settings.logFormat) : nil,
      logger: logger)
    let channel = RegistryChannel(
      configuration: transport, threadPool: .singleton, tls: certificate, connections: metrics.connections
    ) { request, writer, channel in
      try await frontend.respond(request, writer, channel)
    }
    return listener(channel, on: settings.listen, flag: "--listen", logger, listening: listening)
  }

  /// What applies the retention policies by itself, where it is to.
  private func makeRetention(_ registry: Registry, _ catalog: any Catalog, _ logger: Logger) -> (any Service)? {
    guard let interval = settings.retentionInterval else { return nil }
    return RetentionService(runner: RetentionRunner(registry, catalog), interval: interval, logger: logger)
  }

  /// The listener for requests without TLS, where there is to be one.
  private func makeRedirection(_ logger: Logger) -> (any Service)? {
    guard let address = settings.redirectListen else { return nil }
    let redirect = RedirectResponder(externalURL: settings.externalURL, tlsPort: settings.listen.port)
    let channel = RegistryChannel(configuration: transport, threadPool: .singleton) { request, writer, _ in
      try await redirect.respond(request, writer)
    }
    return listener(channel, on: address, flag: "--redirect-listen", logger) { address in
      logger.info("redirecting", metadata: ["address": "http://\(address.hostAndPort ?? "")"])
    }
  }

  private var transport: TransportConfiguration {
    TransportConfiguration(
      maxHeaderSize: settings.maxHeaderSize.bytes, idleTimeout: settings.idleTimeout,
      stallTimeout: settings.stallTimeout)
  }

  private func listener(
    _ channel: RegistryChannel, on address: ListenAddress, flag: String, _ logger: Logger,
    listening: @escaping @Sendable (SocketAddress) async -> Void
  ) -> Listener {
    let server = Server(
      childChannelSetup: channel,
      configuration: ServerConfiguration(
        address: .hostname(address.host, port: address.port), backlog: 1024,
        availableConnectionsDelegate: .maximum(settings.maxConnections, logger: quiet(logger))),
      onServerRunning: { channel in
        if let address = channel.localAddress { await listening(address) }
      },
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: quiet(logger))
    return Listener(server: server, address: address, flag: flag)
  }
}

extension Settings {
  /// The certificate of the files that are set, read again when they change; nil without TLS.
  func watchedCertificate(logger: Logger) async throws -> WatchedFiles<ServerCertificate>? {
    guard let tlsCertificate, let tlsKey else { return nil }
    return try await WatchedFiles([tlsCertificate, tlsKey], logger: logger) { contents in
      try ServerCertificate(certificate: contents[0], key: contents[1])
    }
  }

  var collectionPolicy: Collector.Policy {
    let untaggedAfter: Duration? =
      switch gcUntaggedAfter {
      case .never: nil
      case .after(let duration): duration
      }
    return Collector.Policy(grace: gcGrace, uploadExpiry: uploadExpiry, untaggedAfter: untaggedAfter)
  }
}
