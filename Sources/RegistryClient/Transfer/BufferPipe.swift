internal import Locks
internal import NIOCore

/// Hands buffers from a task that reads to a request that sends them, one at a time: who reads waits for who sends.
///
/// One task writes and one reads. The pipe is how a source's failure is told from a failure of the request: it ends the
/// request, and both sides know whose it was.
final class BufferPipe: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  struct AsyncIterator: AsyncIteratorProtocol {
    let pipe: BufferPipe

    mutating func next() async throws -> ByteBuffer? { try await pipe.read() }
  }

  private struct State {
    var buffer: ByteBuffer?
    var end: Result<Void, any Error>?
    var reader: CheckedContinuation<ByteBuffer?, any Error>?
    var writer: CheckedContinuation<Void, any Error>?
  }

  private let state = Locked(State())

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pipe: self) }

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
            return {
              reader.resume(returning: buffer)
              continuation.resume()
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

  private func read() async throws -> ByteBuffer? {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<ByteBuffer?, any Error>) in
      let action = state.withLock { state -> () -> Void in
        if let buffer = state.buffer {
          state.buffer = nil
          let writer = state.writer
          state.writer = nil
          return {
            continuation.resume(returning: buffer)
            writer?.resume()
          }
        }
        if let end = state.end { return { continuation.resume(with: end.map { nil }) } }
        precondition(state.reader == nil, "a pipe is read by one task")
        state.reader = continuation
        return {}
      }
      action()
    }
  }
}
