internal import Hashing
internal import Locks
internal import NIOPosix
internal import OCI

/// A batch that is being hashed and written, on two threads at the same time.
final class BatchInFlight: Sendable {
  typealias Outcome = Result<Digest.Hasher, BlobStoreError>

  private struct State {
    var hasher: Digest.Hasher?
    var written: Result<Void, BlobStoreError>?
    var waiting: CheckedContinuation<Outcome, Never>?

    /// What came of it, once both threads are done.
    var outcome: Outcome? {
      guard let hasher, let written else { return nil }
      return written.map { hasher }
    }
  }

  /// Where in the upload the batch begins.
  let start: Int64
  private let state = Locked(State())

  /// Begins, with the hasher after all bytes before the batch.
  init(_ batch: UploadBatch, hasher: Digest.Hasher, file: OpenFile) {
    start = batch.start
    HashingThreads.shared.submit(batch.buffers, after: hasher) { hasher in
      self.update { $0.hasher = hasher }
    }
    StorageThreads.files.submit { _ in
      let written: Result<Void, BlobStoreError>
      do throws(BlobStoreError) {
        written = .success(try batch.write(to: file))
      } catch {
        written = .failure(error)
      }
      self.update { $0.written = written }
    }
  }

  private func update(_ change: (inout State) -> Void) {
    let resumption = state.withLock { state -> (CheckedContinuation<Outcome, Never>, Outcome)? in
      change(&state)
      guard let outcome = state.outcome, let waiting = state.waiting.take() else { return nil }
      return (waiting, outcome)
    }
    if let (waiting, outcome) = resumption { waiting.resume(returning: outcome) }
  }

  /// Waits until both threads are done, and answers the hasher after the batch. For one caller at a time.
  func outcome() async -> Outcome {
    await withCheckedContinuation { continuation in
      let outcome = state.withLock { state -> Outcome? in
        guard let outcome = state.outcome else {
          state.waiting = continuation
          return nil
        }
        return outcome
      }
      if let outcome { continuation.resume(returning: outcome) }
    }
  }
}
