public import Server

internal import Logging
internal import NIOCore

/// A real server on a free port of 127.0.0.1, in this process, with a data folder of its own.
public struct LiveServer: Sendable {
  /// The port it listens on.
  public let port: Int
  /// Its data folder.
  public let data: String
  private let serving: Task<Void, any Error>

  /// Where it listens, such as `http://127.0.0.1:40123`.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// Serves for as long as `body` runs, and then stops as a server does that is told to.
  ///
  /// - Parameters:
  ///   - data: the data folder; nil stands for a new one, which is removed in the end.
  ///   - sink: where log lines go, which stays the caller's; nil stands for standard error.
  ///   - configure: changes the settings, which are the defaults but for the address and the folder.
  public static func run<Success>(
    data: String? = nil, sink: LogSink? = nil, configure: (inout Settings) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (LiveServer) async throws -> Success
  ) async throws -> Success {
    guard let data else {
      return try await withTemporaryFolder { folder in
        try await run(data: "\(folder)/data", sink: sink, configure: configure, body)
      }
    }
    var settings = Settings()
    settings.listen = try ListenAddress(parsing: "127.0.0.1:0")
    settings.data = data
    settings.accessLog = false
    settings.logLevel = .critical
    settings.shutdownTimeout = .seconds(10)
    configure(&settings)
    if let sink { return try await run(settings, sink, body) }
    let ownSink = LogSink(format: settings.logFormat)
    defer { ownSink.close() }
    return try await run(settings, ownSink, body)
  }

  private static func run<Success>(
    _ settings: Settings, _ sink: LogSink, isolation: isolated (any Actor)? = #isolation,
    _ body: (LiveServer) async throws -> Success
  ) async throws -> Success {
    let server = BerthServer(settings: settings, sink: sink)
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let serving = Task {
      defer { found.finish() }
      try await server.run { address in found.yield(address.port ?? 0) }
    }
    guard let port = await ports.first(where: { _ in true }) else {
      try await serving.value
      throw ServerDidNotStart()
    }
    do {
      let success = try await body(LiveServer(port: port, data: settings.data, serving: serving))
      serving.cancel()
      try await serving.value
      return success
    } catch {
      serving.cancel()
      _ = await serving.result
      throw error
    }
  }

  /// Tells the server to stop, as SIGTERM would; it may have transfers to finish.
  public func stop() {
    serving.cancel()
  }
}

private struct ServerDidNotStart: Error {}
