internal import Locks
public import NIOCore
internal import NIOPosix
public import OCI

/// The threads that hash, each up to two blobs at the same time: that takes a third less of the processor than one after
/// the other, and so a second thread begins only where the first has two.
public final class HashingThreads: Sendable {
  private struct Work {
    var waiting: CircularBuffer<HashingJob> = []
    /// How many jobs are in the hands of threads.
    var begun = 0
    /// How many threads there are at work.
    var threads = 0
  }

  /// How many jobs a thread has at the same time.
  private static let jobsOfThread = 2

  /// The threads of this process, one for two processors; idle, they cost nothing but their stacks.
  ///
  /// Bytes that are hashed are received and sent or written as well, which takes as much of the processors; with more
  /// threads most of the bytes would be hashed alone.
  public static let shared = HashingThreads(max(1, System.coreCount / 2))

  private let pool: NIOThreadPool
  private let count: Int
  private let work = Locked(Work())

  /// Takes the greatest number of threads.
  public init(_ count: Int) {
    self.count = count
    pool = NIOThreadPool(numberOfThreads: count)
    pool.start()
  }

  /// Hashes buffers behind what a hasher has taken, and hands over the hasher, on one of the threads, which must not be
  /// kept long.
  public func submit(
    _ buffers: [ByteBuffer], after hasher: Digest.Hasher, _ completion: @escaping @Sendable (Digest.Hasher) -> Void
  ) {
    let needsThread = work.withLock { work in
      work.waiting.append(HashingJob(buffers, after: hasher, completion))
      let jobs = work.begun + work.waiting.count
      guard work.threads < count, jobs > work.threads * Self.jobsOfThread else { return false }
      work.threads += 1
      return true
    }
    // The pool is never stopped, so the thread is never a cancelled one.
    if needsThread { pool.submit { _ in self.run() } }
  }

  /// Carries out jobs until none is left. One that comes meanwhile joins the one under way.
  private func run() {
    var jobs: [HashingJob] = []
    while true {
      let isDone = work.withLock { work in
        while jobs.count < Self.jobsOfThread, let job = work.waiting.popFirst() {
          jobs.append(job)
          work.begun += 1
        }
        if jobs.isEmpty { work.threads -= 1 }
        return jobs.isEmpty
      }
      if isDone { return }
      HashingJob.step(&jobs)
      let finished = jobs.filter(\.isFinished)
      guard !finished.isEmpty else { continue }
      jobs.removeAll(where: \.isFinished)
      work.withLock { $0.begun -= finished.count }
      for job in finished { job.completion(job.hasher) }
    }
  }
}
