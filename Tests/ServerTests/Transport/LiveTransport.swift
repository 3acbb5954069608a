import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

@testable import Server

/// Runs a transport with a responder of the test on a free port.
func withTransport<Result: Sendable>(
  _ configuration: TransportConfiguration = TransportConfiguration(),
  tls: WatchedFiles<ServerCertificate>? = nil,
  responder: @escaping RegistryChannel.Responder,
  _ test: (_ port: Int) async throws -> Result
) async throws -> Result {
  try await withServer(configuration, tls: tls, responder: responder) { port, _ in try await test(port) }
}

/// As ``withTransport``, and hands over the server, to be shut down in the middle.
func withServer<Result: Sendable>(
  _ configuration: TransportConfiguration = TransportConfiguration(),
  tls: WatchedFiles<ServerCertificate>? = nil,
  eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
  responder: @escaping RegistryChannel.Responder,
  _ test: (_ port: Int, _ server: Server<RegistryChannel>) async throws -> Result
) async throws -> Result {
  let (ports, found) = AsyncStream<Int>.makeStream()
  let threads = NIOThreadPool(numberOfThreads: 2)
  threads.start()
  let server = Server(
    childChannelSetup: RegistryChannel(
      configuration: configuration, threadPool: threads, tls: tls, responder: responder),
    configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0)),
    onServerRunning: { channel in
      found.yield(channel.localAddress?.port ?? 0)
      found.finish()
    },
    eventLoopGroup: eventLoopGroup,
    logger: Logger(label: "transport", factory: { _ in SwiftLogNoOpLogHandler() }))
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    defer { group.cancelAll() }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else { throw CancellationError() }
    let result = try await test(port, server)
    try await server.shutdownGracefully()
    try await threads.shutdownGracefully()
    return result
  }
}

/// What happened on the server, for a test to wait for.
struct Events<Event: Sendable>: Sendable {
  private let stream: AsyncStream<Event>
  private let continuation: AsyncStream<Event>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func record(_ event: Event) { continuation.yield(event) }

  /// Waits for the next event.
  func next() async -> Event? {
    var iterator = stream.makeAsyncIterator()
    return await iterator.next()
  }
}

extension ResponseWriter {
  /// Answers with a text and its length.
  consuming func answer(_ text: String, status: HTTPResponse.Status = .ok) async throws {
    let body = ByteBuffer(string: text)
    let head = HTTPResponse(status: status, headerFields: [.contentLength: String(body.readableBytes)])
    try await write(response: head, body: ResponseBody(byteBuffer: body))
  }
}

extension Request {
  /// The bytes of the body, counted.
  func bodySize() async throws -> Int {
    var size = 0
    for try await buffer in body { size += buffer.readableBytes }
    return size
  }
}
