import HummingbirdCore
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOPosix

/// A client connection: TCP or TLS and HTTP/1.1 below, the responder above, and one handler of ours between them.
struct RegistryChannel: HTTPChannelHandler {
  typealias Value = AcceptedConnection<HTTPRequestPart, HTTPResponsePart>

  let responder: Responder
  let configuration: TransportConfiguration
  /// The threads on which files are read ahead.
  let threadPool: NIOThreadPool
  /// The certificate that is in force, for each connection anew; nil leaves out TLS.
  let tls: WatchedFiles<ServerCertificate>?
  /// Shows how many connections there are.
  let connections: Meter?

  init(
    configuration: TransportConfiguration = TransportConfiguration(),
    threadPool: NIOThreadPool,
    tls: WatchedFiles<ServerCertificate>? = nil,
    connections: Meter? = nil,
    responder: @escaping Responder
  ) {
    self.connections = connections
    self.configuration = configuration
    self.threadPool = threadPool
    self.tls = tls
    self.responder = responder
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try setSocketOptions(channel)
      if let tls { try addTLS(tls, to: channel) }
      var encoder = HTTPResponseEncoder.Configuration()
      encoder.automaticallySetFramingHeaders = false
      var decoder = NIOHTTPDecoderLimitConfiguration()
      decoder.maxHeaderFieldSize = configuration.maxHeaderSize
      decoder.maxHeaderListSize = configuration.maxHeaderSize
      try channel.pipeline.syncOperations.configureHTTPServerPipeline(
        withPipeliningAssistance: false,
        withErrorHandling: false,
        withOutboundHeaderValidation: false,
        withEncoderConfiguration: encoder,
        withDecoderLimitConfiguration: decoder)
      try channel.pipeline.syncOperations.addHandler(
        ConnectionHandler(
          configuration: configuration, threadPool: threadPool, isSecure: tls != nil, now: channel.eventLoop.now))
      return try AcceptedConnection(
        channel,
        configuration: NIOAsyncChannel.Configuration(
          backPressureStrategy: Self.backPressure, isOutboundHalfClosureEnabled: true))
    }
  }

  /// Serves a connection to its end; when the task is cancelled, transfers that are under way are cut off.
  func handle(value: Value, logger: Logger) async {
    connections?.increment()
    let asyncChannel = value.take()
    await withTaskCancellationHandler {
      await handleHTTP(asyncChannel: asyncChannel, logger: logger)
    } onCancel: {
      asyncChannel.channel.close(promise: nil)
    }
    connections?.decrement()
  }
}

extension RegistryChannel {
  /// Parts of a request that may wait for the application: a head and an end, or a few buffers of a body.
  private static var backPressure: NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark {
    .init(lowWatermark: 2, highWatermark: 3)
  }

  private func addTLS(_ certificate: WatchedFiles<ServerCertificate>, to channel: any Channel) throws {
    // A TLS client that has ended its side waits for nothing more. And with connections that are open to one side, the
    // TLS handler would wait out its time for the end of each that we close, though the client has answered.
    try channel.syncOptions?.setOption(ChannelOptions.allowRemoteHalfClosure, value: false)
    try channel.pipeline.syncOperations.addHandler(TLSDetector(certificate))
  }

  /// Receive buffers grow with what a client sends, from little for requests to few large ones for uploads; and one is
  /// filled at a time, so that `backPressure` bounds the bytes that wait.
  private func setSocketOptions(_ channel: any Channel) throws {
    guard let options = channel.syncOptions else { return }
    try options.setOption(
      ChannelOptions.recvAllocator,
      value: AdaptiveRecvByteBufferAllocator(minimum: 2 << 10, initial: 4 << 10, maximum: 512 << 10))
    try options.setOption(ChannelOptions.maxMessagesPerRead, value: 1)
    try options.setOption(
      ChannelOptions.writeBufferWaterMark,
      value: ChannelOptions.Types.WriteBufferWaterMark(low: 64 << 10, high: 256 << 10))
  }
}
