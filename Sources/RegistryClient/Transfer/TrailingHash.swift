internal import Hashing
internal import Locks
internal import NIOCore
internal import OCI

/// The hash of a stream, made on the threads for that while its bytes are on their way already.
///
/// One task uses it. The bytes whose hash is not made are bounded, and whoever hands over more waits.
final class TrailingHash: Sendable {
  /// How many bytes wait while others are being hashed, but for the last buffer.
  private static let bound = 256 << 10
  /// Buffers smaller than this, in bytes, are hashed at once where nothing is before them: a change of threads would take
  /// longer.
  private static let smallSize = 16 << 10

  private struct State {
    /// The hash of what came first; nil while a thread has it.
    var hasher: Digest.Hasher?
    /// The buffers behind those that the thread has.
    var waiting: [ByteBuffer] = []
    var waitingBytes = 0
    /// Who waits until so many bytes wait at the most, or until there is the hash of all.
    var task: CheckedContinuation<Void, Never>?
    var isFinishing = false

    var needsWait: Bool { isFinishing ? hasher == nil : waitingBytes > TrailingHash.bound }

    /// What a thread can begin with.
    mutating func takeWork() -> (buffers: [ByteBuffer], hasher: Digest.Hasher)? {
      guard !waiting.isEmpty, let hasher else { return nil }
      defer { (self.hasher, waiting, waitingBytes) = (nil, [], 0) }
      return (waiting, hasher)
    }

    /// Who waits, where there is no reason to any more.
    mutating func takeTask() -> CheckedContinuation<Void, Never>? {
      guard !needsWait else { return nil }
      defer { task = nil }
      return task
    }
  }

  private let threads: HashingThreads
  private let state: Locked<State>

  init(_ algorithm: Digest.Algorithm, on threads: HashingThreads = .shared) {
    self.threads = threads
    state = Locked(State(hasher: Digest.Hasher(algorithm)))
  }

  /// Takes the next bytes.
  func take(_ buffer: ByteBuffer) async {
    let (work, needsWait) = state.withLock { state in
      if buffer.readableBytes < Self.smallSize, state.hasher != nil {
        buffer.withUnsafeReadableBytes { state.hasher?.update($0) }
        return (nil as ([ByteBuffer], Digest.Hasher)?, false)
      }
      state.waiting.append(buffer)
      state.waitingBytes += buffer.readableBytes
      return (state.takeWork(), state.needsWait)
    }
    if let (buffers, hasher) = work { hash(buffers, after: hasher) }
    if needsWait { await wait() }
  }

  /// The digest of all bytes taken, behind which none may be.
  func digest() async -> Digest {
    state.withLock { $0.isFinishing = true }
    await wait()
    guard let hasher = state.withLock({ $0.hasher }) else { preconditionFailure("a thread has the hasher") }
    return hasher.finalize()
  }

  private func hash(_ buffers: [ByteBuffer], after hasher: Digest.Hasher) {
    threads.submit(buffers, after: hasher) { hasher in
      let (work, task) = self.state.withLock { state in
        state.hasher = hasher
        let work = state.takeWork()
        return (work, state.takeTask())
      }
      if let (buffers, hasher) = work { self.hash(buffers, after: hasher) }
      task?.resume()
    }
  }

  private func wait() async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state in
        guard state.needsWait else { return true }
        state.task = continuation
        return false
      }
      if isNow { continuation.resume() }
    }
  }
}
