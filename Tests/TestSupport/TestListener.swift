internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Server

/// Listens on a free port of 127.0.0.1 and hands each connection to a test's own idea of a server.
enum TestListener {
  typealias Connection = AcceptedConnection<HTTPServerRequestPart, HTTPServerResponsePart>
  typealias Requests = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
  typealias Answers = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

  /// Serves for as long as `body` runs.
  ///
  /// - Parameter serve: serves a connection, which is closed when it returns or throws.
  static func run<Success>(
    serving serve: @escaping @Sendable (inout Requests, Answers) async throws -> Void,
    isolation: isolated (any Actor)? = #isolation, _ body: (Int) async throws -> Success
  ) async throws -> Success {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 256)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
          return try Connection(channel)
        }
      }
    let port = listener.channel.localAddress?.port ?? 0
    let accepting = Task {
      try await listener.executeThenClose { connections in
        await withDiscardingTaskGroup { group in
          do {
            for try await connection in connections {
              group.addTask { await Self.serve(connection, serve) }
            }
          } catch {
            group.cancelAll()
          }
          group.cancelAll()
        }
      }
    }
    do {
      let success = try await body(port)
      accepting.cancel()
      _ = await accepting.result
      return success
    } catch {
      accepting.cancel()
      _ = await accepting.result
      throw error
    }
  }

  /// A connection that breaks is what such servers are made for, and ends nothing but itself.
  private static func serve(
    _ connection: Connection, _ serve: @Sendable (inout Requests, Answers) async throws -> Void
  ) async {
    do {
      try await connection.take().executeThenClose { inbound, outbound in
        var requests = inbound.makeAsyncIterator()
        try await serve(&requests, outbound)
      }
    } catch {
      return
    }
  }
}
