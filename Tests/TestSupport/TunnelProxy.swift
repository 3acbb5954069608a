internal import Locks
internal import NIOCore
internal import NIOPosix

/// A proxy that connects whoever asks by `CONNECT` (RFC 9110, section 9.3.6) to one server, whatever name was asked for.
public struct TunnelProxy: Sendable {
  /// The port it listens on.
  public let port: Int
  private let log: Locked<[String]>

  /// The heads of the requests that came so far.
  public var requests: [String] { log.withLock { $0 } }

  /// Serves for as long as `body` runs.
  ///
  /// - Parameter upstream: the port of the server on this machine.
  public static func run<Success>(
    to upstream: Int, isolation: isolated (any Actor)? = #isolation, _ body: (TunnelProxy) async throws -> Success
  ) async throws -> Success {
    let log = Locked<[String]>([])
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelOption(.autoRead, value: false)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ConnectHandler(upstream: upstream, log: log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    do {
      let success = try await body(TunnelProxy(port: listener.localAddress?.port ?? 0, log: log))
      try await listener.close()
      return success
    } catch {
      try await listener.close()
      throw error
    }
  }
}

/// Reads the head of a request, and then passes bytes on.
private final class ConnectHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let upstream: Int
  private let log: Locked<[String]>
  private var head = ""

  init(upstream: Int, log: Locked<[String]>) {
    self.upstream = upstream
    self.log = log
  }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    head += String(buffer: unwrapInboundIn(data))
    guard head.hasSuffix("\r\n\r\n") else {
      context.read()
      return
    }
    log.withLock { $0.append(head) }
    let near = context.channel
    let connected = ClientBootstrap(group: near.eventLoop)
      .channelOption(.autoRead, value: false)
      .connect(host: "127.0.0.1", port: upstream)
      .flatMapThrowing { far in
        try near.pipeline.syncOperations.addHandler(PassingHandler(to: far))
        try far.pipeline.syncOperations.addHandler(PassingHandler(to: near))
        near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connected\r\n\r\n"), promise: nil)
        near.read()
        far.read()
      }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    connected.whenFailure { _ in near.close(promise: nil) }
  }
}

extension ConnectHandler: RemovableChannelHandler {}

/// Passes what comes on to another channel of the same event loop, which it ends with its own.
private final class PassingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let other: any Channel

  init(to other: any Channel) {
    self.other = other
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let near = context.channel
    other.writeAndFlush(unwrapInboundIn(data)).whenComplete { _ in near.read() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    other.close(promise: nil)
    context.fireChannelInactive()
  }
}
