import NIOCore

/// Joins what is written between two flushes into one buffer.
///
/// HTTP/2 writes the nine bytes in front of each frame apart from its payload, and TLS would make a record of its own of
/// them, with a cipher run and an authentication tag of its own.
final class WriteJoiner: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var joined = ByteBuffer()
  private var promise: EventLoopPromise<Void>?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    joined.writeImmutableBuffer(unwrapOutboundIn(data))
    guard let promise else { return }
    if let first = self.promise {
      first.futureResult.cascade(to: promise)
    } else {
      self.promise = promise
    }
  }

  func flush(context: ChannelHandlerContext) {
    if joined.readableBytes > 0 || promise != nil {
      let (bytes, promise) = (joined, self.promise)
      self.promise = nil
      context.write(wrapOutboundOut(bytes), promise: promise)
      joined.clear()
    }
    context.flush()
  }
}
