internal import BlobStorage
internal import Locks
internal import NIOCore
internal import OCI

/// A blob on its way from an upstream, for all who read it.
///
/// Readers read what is staged, as it grows. The last byte is held back until the blob is published, which verifies its
/// digest, so that nobody ever gets a whole blob that is wrong.
final class BlobFetch: Sendable {
  enum Phase: Sendable {
    /// The upstream is being asked.
    case asking
    /// Bytes come; so many of them can be read.
    case arriving(any BlobUpload, size: Int64, staged: Int64)
    /// They are all here, and right.
    case stored(any StoredBlob)
    case failed(BlobFetchFailure)
  }

  private struct State {
    var phase = Phase.asking
    var readers = 0
    /// Those that wait for the next change.
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// What can be read from where on.
  enum Readable: Sendable {
    /// Of the staged bytes, those before an offset.
    case staged(any BlobUpload, end: Int64)
    case stored(any StoredBlob)
    case failed(BlobFetchFailure)
  }

  let key: MirroredRegistry.Key
  private let state = Locked(State())

  init(_ key: MirroredRegistry.Key) {
    self.key = key
  }

  // MARK: The one who fetches

  func begin(_ upload: any BlobUpload, size: Int64) {
    change(to: .arriving(upload, size: size, staged: 0))
  }

  /// How many bytes are staged at the most before readers are told.
  private static let longestPiece: Int64 = 256 << 10
  /// How many at the least where readers wait for them; the first ones go out however few they are.
  private static let shortestPiece: Int64 = 64 << 10

  /// Whether readers are to see the bytes before an offset.
  func isWorthFlushing(_ offset: Int64) -> Bool {
    state.withLock { state in
      guard case .arriving(_, _, let staged) = state.phase else { return false }
      let fresh = offset - staged
      return fresh >= Self.longestPiece || !state.waiting.isEmpty && (staged == 0 || fresh >= Self.shortestPiece)
    }
  }

  func advance(to offset: Int64) {
    guard case .arriving(let upload, let size, _) = state.withLock({ $0.phase }) else { return }
    change(to: .arriving(upload, size: size, staged: offset))
  }

  func finish(with blob: any StoredBlob) async {
    let hasReaders = state.withLock { state in
      state.phase = .stored(blob)
      return state.readers > 0
    }
    wake()
    if !hasReaders { await blob.close() }
  }

  func fail(_ failure: BlobFetchFailure) {
    change(to: .failed(failure))
  }

  private func change(to phase: Phase) {
    state.withLock { $0.phase = phase }
    wake()
  }

  private func wake() {
    let waiting = state.withLock { state in
      let waiting = state.waiting
      state.waiting = []
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  // MARK: Those who read

  func enter() {
    state.withLock { $0.readers += 1 }
  }

  /// - Returns: whether that was the last one, and the fetch is under way.
  func leave() async -> Bool {
    let (blob, isUnattended) = state.withLock { state -> ((any StoredBlob)?, Bool) in
      state.readers -= 1
      guard state.readers == 0 else { return (nil, false) }
      switch state.phase {
      case .asking, .arriving: return (nil, true)
      case .stored(let blob): return (blob, false)
      case .failed: return (nil, false)
      }
    }
    await blob?.close()
    return isUnattended
  }

  /// Waits until bytes come, and answers how many there will be.
  func begun() async throws(BlobFetchFailure) -> Int64 {
    let begun = await first { phase -> Result<Int64, BlobFetchFailure>? in
      switch phase {
      case .asking: nil
      // An empty blob has no last byte to hold back.
      case .arriving(_, let size, _): size > 0 ? .success(size) : nil
      case .stored(let blob): .success(blob.size)
      case .failed(let failure): .failure(failure)
      }
    }
    return try begun.get()
  }

  /// Waits until so many bytes can be read from an offset on.
  func readable(from offset: Int64, atLeast count: Int) async -> Readable {
    await first { phase in
      switch phase {
      case .asking: return nil
      case .arriving(let upload, let size, let staged):
        let end = min(staged, size - 1)
        return end - offset >= Int64(count) ? .staged(upload, end: end) : nil
      case .stored(let blob): return .stored(blob)
      case .failed(let failure): return .failed(failure)
      }
    }
  }

  /// Waits for a phase that something can be made of.
  private func first<Value: Sendable>(_ make: @Sendable (Phase) -> Value?) async -> Value {
    while true {
      if let value = state.withLock({ make($0.phase) }) { return value }
      await withCheckedContinuation { continuation in
        let hasChanged = state.withLock { state in
          if make(state.phase) != nil { return true }
          state.waiting.append(continuation)
          return false
        }
        if hasChanged { continuation.resume() }
      }
    }
  }
}

/// A blob that is read while it comes.
final class ArrivingBlob: StoredBlob {
  /// How many bytes a read waits for at the least, where that many are asked for.
  private static let shortestRead = 64 << 10

  let size: Int64
  private let fetch: BlobFetch
  private let fetches: BlobFetches

  init(_ fetch: BlobFetch, size: Int64, fetches: BlobFetches) {
    self.fetch = fetch
    self.size = size
    self.fetches = fetches
  }

  /// None: the kernel cannot wait for what is yet to come.
  var file: NIOFileHandle? { nil }

  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer {
    let wanted = Int(max(0, min(Int64(count), size - offset)))
    guard wanted > 0 else { return ByteBuffer() }
    switch await fetch.readable(from: offset, atLeast: min(wanted, Self.shortestRead)) {
    case .stored(let blob):
      return try await blob.read(from: offset, count: wanted)
    case .staged(let upload, let end):
      let bytes = try? await upload.read(from: offset, count: min(wanted, Int(end - offset)))
      // The upload is closed once the blob is stored, or the fetch failed.
      if let bytes, bytes.readableBytes > 0 { return bytes }
      return try await read(from: offset, count: count)
    case .failed(let failure):
      throw .system("the blob did not come whole: \(failure)")
    }
  }

  func close() async {
    await fetches.leave(fetch)
  }
}
