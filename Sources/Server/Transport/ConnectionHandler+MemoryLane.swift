import NIOCore
import NIOHTTP1

/// The file is read into memory on another thread: while one slice is with the socket, the next is read.
extension ConnectionHandler {
  func sendFromMemory(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    guard let bytes = transfer?.loaded else {
      transfer?.isWaiting = true
      if transfer?.isBusy == false { read(context, slice) }
      return
    }
    transfer?.loaded = nil
    write(context, .byteBuffer(bytes), of: slice)
    // The write may have failed at once, and ended the transfer.
    if let following = transfer?.slice(from: slice.upperBound) { read(context, following) }
  }

  private func read(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    let allocator = context.channel.allocator
    onFileThread(context) { descriptor in
      try FileProbe.read(slice, descriptor: descriptor, allocator: allocator)
    } _: { result in
      switch result {
      case .success(let bytes) where bytes.readableBytes == slice.count:
        self.transfer?.loaded = bytes
        guard self.transfer?.isWaiting == true else { return }
        self.transfer?.isWaiting = false
        self.sendFromMemory(context, slice)
      case .success:
        self.failTooShort(context, expected: slice.upperBound)
      case .failure(let error):
        self.fail(context, error)
      }
    }
  }
}
