import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers every request with one file, read as the server's blob lane reads it: a slice at a time on another thread,
/// the next while one is with the socket, and no more.
///
/// The same handler is above HTTP/1.1 and above each HTTP/2 stream, so that only the protocol differs.
final class FileResponder: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let file: BlobFile
  private let sliceSize: Int
  private var next = 0
  private var loaded: ByteBuffer?
  private var isWriting = false
  private var isReading = false

  init(_ file: BlobFile, sliceSize: Int) {
    self.file = file
    self.sliceSize = sliceSize
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    let head = HTTPResponseHead(
      version: .http1_1, status: .ok, headers: ["content-length": String(file.size)])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    next = 0
    read(context)
  }

  private func read(_ context: ChannelHandlerContext) {
    guard next < file.size, !isReading else { return }
    isReading = true
    let (file, offset, count) = (file, next, min(sliceSize, file.size - next))
    next += count
    let allocator = context.channel.allocator
    NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) {
      try file.read(offset, count, allocator)
    }.assumeIsolated().whenComplete { result in
      self.isReading = false
      guard case .success(let bytes) = result else {
        context.close(promise: nil)
        return
      }
      self.loaded = bytes
      self.write(context)
    }
  }

  private func write(_ context: ChannelHandlerContext) {
    guard !isWriting, let bytes = loaded else { return }
    loaded = nil
    isWriting = true
    let isLast = next == file.size
    let sent = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: sent)
    if isLast { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    sent.futureResult.assumeIsolated().whenComplete { result in
      self.isWriting = false
      guard case .success = result else {
        context.close(promise: nil)
        return
      }
      context.eventLoop.assumeIsolated().execute { self.write(context) }
    }
    read(context)
  }
}

/// The file that is served.
struct BlobFile: Sendable {
  let descriptor: CInt
  let size: Int

  init?(path: String) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return nil }
    size = Int(status.st_size)
  }

  /// Blocks.
  func read(_ offset: Int, _ count: Int, _ allocator: ByteBufferAllocator) throws -> ByteBuffer {
    var bytes = allocator.buffer(capacity: count)
    while bytes.readableBytes < count {
      let (rest, position) = (count - bytes.readableBytes, offset + bytes.readableBytes)
      let read = bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: rest) {
        max(0, pread(descriptor, $0.baseAddress, rest, off_t(position)))
      }
      guard read > 0 else { throw IOError(errnoCode: errno, reason: "pread") }
    }
    return bytes
  }
}
