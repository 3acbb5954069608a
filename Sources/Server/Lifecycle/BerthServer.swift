import BlobStorage
import Catalog
import HummingbirdCore
import Logging
public import NIOCore
import NIOPosix
import OCI
import Registry
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
    let folder = try await DataFolder(path: settings.data)
    let registry = Registry(
      blobs: folder.blobs, catalog: folder.catalog,
      configuration: Registry.Configuration(
        collectionGrace: settings.gcGrace, allowsSparseIndexes: settings.sparseIndexes))
    let collector = Collector(registry: registry, policy: settings.collectionPolicy)
    let server = makeServer(registry, collector, folder.catalog, logger) { address in
      logger.info("serving", metadata: ["address": "http://\(address.hostAndPort ?? "")", "data": "\(settings.data)"])
      await listening(address)
    }
    let collections = CollectionService(
      collector: collector, sessions: registry.sessions, interval: settings.gcInterval, logger: logger)
    do {
      try await collector.resumeRemovals()
      try await serve(server, collections, logger)
    } catch let error as IOError {
      try await folder.close()
      throw ListenError(settings.listen, error)
    } catch {
      try await folder.close()
      throw error
    }
    try await folder.close()
    logger.info("stopped")
  }

  private func serve(_ server: any Service, _ collections: CollectionService, _ logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
      services: [collections, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
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
    _ registry: Registry, _ collector: Collector, _ catalog: any Catalog, _ logger: Logger,
    listening: @escaping @Sendable (SocketAddress) async -> Void
  ) -> any Service {
    let prometheus = PrometheusRegistry()
    prometheus.observe(catalog, collector, registry.sessions)
    let metrics = ServerMetrics(registry: prometheus)
    let frontend = Frontend(
      distribution: DistributionAPI(registry: registry, maxManifestSize: settings.maxManifestSize.bytes),
      management: ManagementAPI(collector: collector),
      observability: ObservabilityAPI(catalog: catalog, prometheus: prometheus),
      metrics: metrics,
      accessLog: settings.accessLog ? AccessLog(sink: sink, format: settings.logFormat) : nil,
      logger: logger)
    let channel = RegistryChannel(
      configuration: TransportConfiguration(
        maxHeaderSize: settings.maxHeaderSize.bytes, idleTimeout: settings.idleTimeout,
        stallTimeout: settings.stallTimeout),
      threadPool: .singleton, connections: metrics.connections
    ) { request, writer, channel in
      try await frontend.respond(request, writer, channel)
    }
    return channel.server(
      configuration: ServerConfiguration(
        address: .hostname(settings.listen.host, port: settings.listen.port), backlog: 1024,
        availableConnectionsDelegate: .maximum(settings.maxConnections, logger: quiet(logger))),
      onServerRunning: { channel in
        if let address = channel.localAddress { await listening(address) }
      },
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: quiet(logger))
  }
}

extension Settings {
  var collectionPolicy: Collector.Policy {
    let untaggedAfter: Duration? =
      switch gcUntaggedAfter {
      case .never: nil
      case .after(let duration): duration
      }
    return Collector.Policy(grace: gcGrace, uploadExpiry: uploadExpiry, untaggedAfter: untaggedAfter)
  }
}
