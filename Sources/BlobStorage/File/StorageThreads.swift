internal import NIOCore
internal import NIOPosix

/// The threads that blocking work on files runs on, one set for the process; idle, they cost nothing but their stacks.
///
/// Those of hashing are apart from them, so that it never queues behind disks: a file thread spends its time waiting, a
/// hashing thread spends it computing.
enum StorageThreads {
  /// For system calls on files; enough that the fsyncs of many clients reach the disk together and share its flushes.
  static let files = {
    let pool = NIOThreadPool(numberOfThreads: 32)
    pool.start()
    return pool
  }()
}

extension NIOThreadPool {
  /// Runs blocking work on a thread of the pool and waits for it, to its end even where the task is cancelled: work on
  /// files is not left half done, and what it opened always has an owner.
  func run<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
      // The pools are never stopped, so the work item is never a cancelled one.
      submit { _ in continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
  }
}
