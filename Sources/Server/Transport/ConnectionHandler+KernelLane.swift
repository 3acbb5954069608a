import NIOCore
import NIOHTTP1

/// The kernel sends the file; what is not in memory is read ahead on another thread, so that the event loop does not
/// wait for the disk.
extension ConnectionHandler {
  func sendFromKernel(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    guard let transfer else { return }
    if transfer.isResident(slice) {
      send(context, slice)
    } else {
      load(context, slice)
    }
  }

  private func send(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    guard let transfer else { return }
    let region = FileRegion(
      fileHandle: transfer.handle, readerIndex: Int(slice.lowerBound), endIndex: Int(slice.upperBound))
    write(context, .fileRegion(region), of: slice)
    readAhead(context, after: slice)
  }

  /// Brings a slice that is not in memory there on another thread, then sends it.
  private func load(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    guard let transfer else { return }
    self.transfer?.isWaiting = true
    // A read-ahead that is under way comes back to this slice when it is done.
    guard !transfer.isBusy else { return }
    let window = slice.lowerBound..<min(slice.lowerBound + FileTransfer.window, transfer.end)
    prefetch(context, window, loading: slice)
  }

  private func readAhead(_ context: ChannelHandlerContext, after slice: Range<Int64>) {
    guard let region = transfer?.nextPrefetch(after: slice) else { return }
    prefetch(context, region, loading: nil)
  }

  private func prefetch(_ context: ChannelHandlerContext, _ region: Range<Int64>, loading slice: Range<Int64>?) {
    transfer?.prefetchedEnd = region.upperBound
    onFileThread(context) { descriptor in
      FileProbe.prefetch(region, descriptor: descriptor)
      if let slice { FileProbe.load(slice, descriptor: descriptor) }
    } _: { _ in
      // Without the threads, as when the server is shutting down, the region is read by the one who sends it.
      guard self.transfer?.isWaiting == true else { return }
      self.transfer?.isWaiting = false
      if let slice {
        // Sent even if it has left memory again, so that a machine short of memory makes progress.
        self.send(context, slice)
      } else {
        self.sendNextSlice(context)
      }
    }
  }
}
