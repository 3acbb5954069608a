internal import Locks
internal import NIOCore

/// Hands buffers from a task that reads to a request that sends them, one at a time: who reads waits for who sends.
///
/// One task writes and one reads. The pipe is how a source's failure is told from a failure of the request: it ends the
/// request, and both sides know whose it was.
final class BufferPipe: Sendable {
  /// So many of the bytes that come next, for one request; those behind them wait for another.
  struct Part: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let pipe: BufferPipe
    let length: Int64

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pipe: pipe, rest: length) }

    struct AsyncIterator: AsyncIteratorProtocol {
      let pipe: BufferPipe
      var rest: Int64

      mutating func next() async throws -> ByteBuffer? {
        guard rest > 0, let buffer = try await pipe.read(atMost: rest) else { return nil }
        rest -= Int64(buffer.readableBytes)
        return buffer
      }
    }
  }

  private struct State {
    var buffer: ByteBuffer?
    var end: Result<Void, any Error>?
    var reader: CheckedContinuation<ByteBuffer?, any Error>?
    /// How many bytes the reader takes.
    var wanted: Int64 = 0
    var writer: CheckedContinuation<Void, any Error>?

    /// Takes what a reader may have of a buffer, and keeps what it leaves.
    mutating func take(_ buffer: ByteBuffer, atMost count: Int64) -> ByteBuffer {
      var rest = buffer
      guard buffer.readableBytes > count, let taken = rest.readSlice(length: Int(count)) else {
        self.buffer = nil
        return buffer
      }
      self.buffer = rest
      return taken
    }

    /// The writer to wake, where nothing of its buffer is left.
    mutating func takeWriter() -> CheckedContinuation<Void, any Error>? {
      guard buffer == nil else { return nil }
      defer { writer = nil }
      return writer
    }
  }

  private let state = Locked(State())

  /// Hands over a buffer, and waits until it is taken.
  ///
  /// - Throws: what the pipe was ended with, `CancellationError` where it ended without an error.
  func write(_ buffer: ByteBuffer) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let action = state.withLock { state -> () -> Void in
          if let end = state.end {
            return { continuation.resume(with: end.flatMap { .failure(CancellationError()) }) }
          }
          if let reader = state.reader {
            state.reader = nil
            let taken = state.take(buffer, atMost: state.wanted)
            state.writer = continuation
            let writer = state.takeWriter()
            return {
              reader.resume(returning: taken)
              writer?.resume()
            }
          }
          // Checked under the lock that cancelling takes as well, so that no cancelled writer is left waiting.
          if Task.isCancelled { return { continuation.resume(throwing: CancellationError()) } }
          precondition(state.buffer == nil, "a pipe is written to by one task")
          state.buffer = buffer
          state.writer = continuation
          return {}
        }
        action()
      }
    } onCancel: {
      let writer = state.withLock { state in
        defer { state.writer = nil }
        return state.writer
      }
      writer?.resume(throwing: CancellationError())
    }
  }

  /// Ends the pipe: the reader gets what was written before, and then the end or the error. Later ends change nothing.
  func end(_ result: Result<Void, any Error>) {
    let action = state.withLock { state -> () -> Void in
      guard state.end == nil else { return {} }
      state.end = result
      if case .failure = result { state.buffer = nil }
      let (reader, writer) = (state.reader, state.writer)
      (state.reader, state.writer) = (nil, nil)
      return {
        reader?.resume(with: result.map { nil })
        writer?.resume(with: result.flatMap { .failure(CancellationError()) })
      }
    }
    action()
  }

  private func read(atMost count: Int64) async throws -> ByteBuffer? {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<ByteBuffer?, any Error>) in
      let action = state.withLock { state -> () -> Void in
        if let buffer = state.buffer {
          let taken = state.take(buffer, atMost: count)
          let writer = state.takeWriter()
          return {
            continuation.resume(returning: taken)
            writer?.resume()
          }
        }
        if let end = state.end { return { continuation.resume(with: end.map { nil }) } }
        precondition(state.reader == nil, "a pipe is read by one task")
        state.reader = continuation
        state.wanted = count
        return {}
      }
      action()
    }
  }
}
