import NIOCore
import NIOSSL

/// The first handler of a connection to a port for TLS: it puts TLS below HTTP when the client begins a handshake, and
/// lets HTTP refuse a client that speaks it without.
final class TLSDetector: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The event that tells that the client sends a request without TLS.
  struct PlainRequest: Sendable {}

  private let certificate: WatchedFiles<ServerCertificate>

  init(_ certificate: WatchedFiles<ServerCertificate>) {
    self.certificate = certificate
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if Self.isRequest(bytes) {
      context.fireUserInboundEventTriggered(PlainRequest())
    } else {
      do {
        try context.pipeline.syncOperations.addHandler(
          NIOSSLServerHandler(context: certificate.value.context), position: .after(self))
      } catch {
        context.fireErrorCaught(error)
        context.close(promise: nil)
        return
      }
    }
    context.fireChannelRead(wrapInboundOut(bytes))
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  /// A handshake begins with the byte 0x16 (RFC 8446, section 5.1), a request with the letters of its method.
  private static func isRequest(_ bytes: ByteBuffer) -> Bool {
    guard let first = bytes.readableBytesView.first else { return false }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first & ~0x20)
  }
}
