import NIOCore
import NIOHTTP1
import NIOPosix

/// What both lanes share: a transfer sends slice after slice, and its promise is completed once.
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
      transfer = try FileTransfer(request, lane: lane, promise: promise)
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

  func sendNextSlice(_ context: ChannelHandlerContext) {
    guard let transfer, transfer.result == nil else { return }
    guard let slice = transfer.nextSlice else {
      finish(.success(()))
      return
    }
    guard transfer.reaches(slice.upperBound) else {
      failTooShort(context, expected: slice.upperBound)
      return
    }
    switch transfer.lane {
    case .kernel: sendFromKernel(context, slice)
    case .memory: sendFromMemory(context, slice)
    }
  }

  /// Gives a slice to the socket, and goes on with the next when it has left.
  func write(_ context: ChannelHandlerContext, _ bytes: IOData, of slice: Range<Int64>) {
    let sent = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.body(bytes)), promise: sent)
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
  }

  /// Uses the file on another thread, where it may block, and comes back to the event loop.
  ///
  /// The caller may close the file when the transfer ends, so an end that comes meanwhile waits for the thread.
  func onFileThread<Value: Sendable>(
    _ context: ChannelHandlerContext, _ work: @escaping @Sendable (_ descriptor: CInt) throws -> Value,
    _ done: @escaping (Result<Value, any Error>) -> Void
  ) {
    guard let descriptor = transfer?.descriptor else { return }
    transfer?.isBusy = true
    let result = threadPool.runIfActive(eventLoop: context.eventLoop) { try work(descriptor) }
    result.assumeIsolated().whenComplete { result in
      self.transfer?.isBusy = false
      if let result = self.transfer?.result {
        self.finish(result)
        return
      }
      guard self.transfer != nil else { return }
      done(result)
    }
  }

  func failTooShort(_ context: ChannelHandlerContext, expected: Int64) {
    fail(context, FileTransferError.fileTooShort(expected: expected))
  }

  /// Ends a response that cannot be whole any more.
  func fail(_ context: ChannelHandlerContext, _ error: any Error) {
    finish(.failure(error))
    context.close(promise: nil)
  }

  private func finish(_ result: Result<Void, any Error>) {
    guard let transfer else { return }
    guard !transfer.isBusy else {
      self.transfer?.result = transfer.result ?? result
      return
    }
    self.transfer = nil
    transfer.promise.completeWith(result)
  }
}
