internal import NIOCore
internal import NIOPosix

/// The threads that blocking work on files runs on, hashing and compression included.
enum FileThreads {
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: max(8, System.coreCount))
    pool.start()
    return pool
  }()

  /// Runs blocking work and waits for it, to its end even where the task is cancelled: what it opened has an owner.
  static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      // The pool is never stopped, so the work item is never a cancelled one.
      pool.submit { _ in continuation.resume(with: Result(catching: work)) }
    }
  }
}
