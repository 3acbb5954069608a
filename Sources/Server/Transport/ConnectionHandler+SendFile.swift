import NIOCore
import NIOHTTP1
import NIOPosix

extension ConnectionHandler {
  /// Begins to send a file as the body of the response that is under way.
  func sendFile(_ context: ChannelHandlerContext, _ request: SendFile, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    guard state.isResponding, transfer == nil else {
      promise.fail(FileTransferError.noResponse)
      return
    }
    guard !isBodyless else {
      promise.succeed()
      return
    }
    do {
      transfer = try FileTransfer(request, promise: promise)
      sendNextSlice(context)
    } catch {
      promise.fail(error)
      context.close(promise: nil)
    }
  }

  /// Ends a connection whose file got shorter while a slice of it waits for the client: the kernel would say again and
  /// again that nothing was sent.
  ///
  /// - Returns: whether the connection was closed.
  func closeIfFileWasCut(_ context: ChannelHandlerContext) -> Bool {
    guard let transfer, let slice = transfer.nextSlice, !transfer.reaches(slice.upperBound) else { return false }
    failTooShort(context, expected: slice.upperBound)
    return true
  }

  private func sendNextSlice(_ context: ChannelHandlerContext) {
    guard let transfer, transfer.result == nil else { return }
    guard let slice = transfer.nextSlice else {
      finish(.success(()))
      return
    }
    guard transfer.reaches(slice.upperBound) else {
      failTooShort(context, expected: slice.upperBound)
      return
    }
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
    let sent = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.body(.fileRegion(region))), promise: sent)
    sent.futureResult.assumeIsolated().whenComplete { result in
      switch result {
      case .success:
        self.state.wroteBytes()
        self.transfer?.advance(past: slice)
        // Not from within the flush: a client that reads as fast as we send would keep the event loop in it.
        context.eventLoop.assumeIsolated().execute { self.sendNextSlice(context) }
      case .failure(let error):
        self.finish(.failure(error))
      }
    }
    readAhead(context, after: slice)
  }

  /// Brings a slice that is not in memory there on another thread, then sends it.
  private func load(_ context: ChannelHandlerContext, _ slice: Range<Int64>) {
    guard let transfer else { return }
    self.transfer?.isWaitingForPrefetch = true
    // A read-ahead that is under way comes back to this slice when it is done.
    guard !transfer.isPrefetching else { return }
    let window = slice.lowerBound..<min(slice.lowerBound + FileTransfer.window, transfer.end)
    prefetch(context, window, loading: slice)
  }

  private func readAhead(_ context: ChannelHandlerContext, after slice: Range<Int64>) {
    guard let region = transfer?.nextPrefetch(after: slice) else { return }
    prefetch(context, region, loading: nil)
  }

  private func prefetch(_ context: ChannelHandlerContext, _ region: Range<Int64>, loading slice: Range<Int64>?) {
    guard let descriptor = transfer?.descriptor else { return }
    transfer?.isPrefetching = true
    transfer?.prefetchedEnd = region.upperBound
    let done = threadPool.runIfActive(eventLoop: context.eventLoop) {
      FileProbe.prefetch(region, descriptor: descriptor)
      if let slice { FileProbe.load(slice, descriptor: descriptor) }
    }
    // Without the threads, as when the server is shutting down, the region is read by the one who sends it.
    done.assumeIsolated().whenComplete { _ in
      self.transfer?.isPrefetching = false
      if let result = self.transfer?.result {
        self.finish(result)
        return
      }
      guard self.transfer?.isWaitingForPrefetch == true else { return }
      self.transfer?.isWaitingForPrefetch = false
      if let slice {
        // Sent even if it has left memory again, so that a machine short of memory makes progress.
        self.send(context, slice)
      } else {
        self.sendNextSlice(context)
      }
    }
  }

  private func failTooShort(_ context: ChannelHandlerContext, expected: Int64) {
    finish(.failure(FileTransferError.fileTooShort(expected: expected)))
    context.close(promise: nil)
  }

  /// Ends the transfer. The caller may close the file then, so this waits for the thread that reads ahead.
  private func finish(_ result: Result<Void, any Error>) {
    guard let transfer else { return }
    guard !transfer.isPrefetching else {
      self.transfer?.result = transfer.result ?? result
      return
    }
    self.transfer = nil
    transfer.promise.completeWith(result)
  }
}
