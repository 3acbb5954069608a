import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

// Serves one file over TLS by HTTP/1.1 and HTTP/2, whichever the client chooses:
//   http2-throughput PORT FILE CERTIFICATE KEY SLICE-OF-HTTP/1.1 SLICE-OF-HTTP/2 WATERMARK-OF-STREAMS JOIN-WRITES
let arguments = CommandLine.arguments
guard arguments.count == 9, let port = Int(arguments[1]), let file = BlobFile(path: arguments[2]),
  let slice1 = Int(arguments[5]), let slice2 = Int(arguments[6]), let watermark = Int(arguments[7]),
  let joinsWrites = Bool(arguments[8])
else {
  print("usage: \(arguments[0]) PORT FILE CERTIFICATE KEY SLICE1 SLICE2 WATERMARK true|false")
  exit(2)
}

var configuration = TLSConfiguration.makeServerConfiguration(
  certificateChain: try NIOSSLCertificate.fromPEMFile(arguments[3]).map { .certificate($0) },
  privateKey: .privateKey(try NIOSSLPrivateKey(file: arguments[4], format: .pem)))
configuration.minimumTLSVersion = .tlsv12
configuration.applicationProtocols = ["h2", "http/1.1"]
let tls = try NIOSSLContext(configuration: configuration)

// Wide windows and the largest frames for what the client sends; for what it receives, the client decides:
// SETTINGS_MAX_FRAME_SIZE and the windows are its own to give.
var connection = NIOHTTP2Handler.ConnectionConfiguration()
connection.initialSettings = [
  HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
  HTTP2Setting(parameter: .maxFrameSize, value: (1 << 24) - 1),
  HTTP2Setting(parameter: .initialWindowSize, value: 16 << 20),
]
var streams = NIOHTTP2Handler.StreamConfiguration()
streams.targetWindowSize = 16 << 20
streams.outboundBufferSizeHighWatermark = watermark
streams.outboundBufferSizeLowWatermark = watermark / 2

let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
  .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
  .childChannelInitializer { [connection, streams] channel in
    channel.eventLoop.makeCompletedFuture {
      try channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
    }.flatMap {
      channel.configureHTTP2SecureUpgrade { channel in
        channel.eventLoop.makeCompletedFuture {
          if joinsWrites { try channel.pipeline.syncOperations.addHandler(WriteJoiner()) }
        }.flatMap {
          channel.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection, streamConfiguration: streams
          ) { stream in
            stream.eventLoop.makeCompletedFuture {
              try stream.pipeline.syncOperations.addHandlers([
                HTTP2FramePayloadToHTTP1ServerCodec(), FileResponder(file, sliceSize: slice2),
              ])
            }
          }
        }.map { _ in }
      } http1ChannelConfigurator: { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(FileResponder(file, sliceSize: slice1))
        }
      }
    }
  }
  .bind(host: "127.0.0.1", port: port).get()
try await server.closeFuture.get()
