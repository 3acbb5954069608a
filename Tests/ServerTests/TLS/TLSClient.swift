import NIOCore
import NIOPosix
import NIOSSL

/// A TLS client that sends and receives bytes as they are, and receives no more than it is asked for.
final class TLSClient {
  /// What came to an end before it was whole.
  struct UnexpectedEnd: Error {
    let received: String
  }

  private let channel: any Channel
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var received = ByteBuffer()

  private init(
    _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.channel = channel
    self.inbound = inbound.makeAsyncIterator()
    self.outbound = outbound
  }

  /// Runs a dialogue with the server at `port`; the connection ends with it.
  ///
  /// - Parameters:
  ///   - authority: whose certificates are trusted, as PEM.
  ///   - receiveBuffer: of the socket, in bytes.
  ///   - configure: changes what is asked of TLS.
  static func talk<Success: Sendable>(
    to port: Int, trusting authority: String, receiveBuffer: Int? = nil,
    configure: (inout TLSConfiguration) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ dialogue: (TLSClient) async throws -> Success
  ) async throws -> Success {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
    configure(&configuration)
    let context = try NIOSSLContext(configuration: configuration)
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.maxMessagesPerRead, value: 1)
    if let receiveBuffer {
      bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(
          NIOSSLClientHandler(context: context, serverHostname: "localhost"))
        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
          wrappingChannelSynchronously: channel,
          configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
      }
    }
    return try await channel.executeThenClose { inbound, outbound in
      try await dialogue(TLSClient(channel.channel, inbound, outbound))
    }
  }

  /// The certificate that the server showed, in DER, and nil before the handshake is done.
  var serverCertificate: [UInt8]? {
    get async throws {
      try await channel.nioSSL_peerCertificate().get().map { try $0.toDERBytes() }
    }
  }

  func send(_ text: String) async throws {
    try await outbound.write(ByteBuffer(string: text))
  }

  /// Ends the connection as a process does that is killed: without the words that TLS has for it.
  func abandon() async throws {
    try await channel.pipeline.handler(type: NIOSSLClientHandler.self)
      .flatMap { [channel] handler in channel.pipeline.syncOperations.removeHandler(handler) }.get()
    try await channel.close()
  }

  /// The bytes up to and with the end of a response head.
  func receiveHead() async throws -> String {
    let end = Array("\r\n\r\n".utf8)
    var searched = 0
    while true {
      let view = received.readableBytesView
      while searched + end.count <= view.count {
        let start = view.startIndex + searched
        if view[start..<start + end.count].elementsEqual(end) {
          return received.readString(length: searched + end.count) ?? ""
        }
        searched += 1
      }
      try await receive()
    }
  }

  func receive(count: Int) async throws -> [UInt8] {
    while received.readableBytes < count { try await receive() }
    return received.readBytes(length: count) ?? []
  }

  /// Everything until the server closes its side.
  func receiveToEnd() async throws -> [UInt8] {
    while let bytes = try await inbound.next() { received.writeImmutableBuffer(bytes) }
    return received.readBytes(length: received.readableBytes) ?? []
  }

  /// A response with a `Content-Length`, whole.
  func receiveResponse() async throws -> (head: String, body: String) {
    let head = try await receiveHead()
    let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
    let length = field.flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
    return (head, String(decoding: try await receive(count: length), as: UTF8.self))
  }

  private func receive() async throws {
    guard let bytes = try await inbound.next() else {
      throw UnexpectedEnd(received: String(buffer: received))
    }
    received.writeImmutableBuffer(bytes)
  }
}
