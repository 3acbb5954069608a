internal import Locks
internal import NIOCore
internal import OCI
internal import RegistryClient

/// A blob that is read once for several targets.
///
/// Whoever is slow holds up the others for a while, because only so many bytes wait for each. Whoever takes none for
/// longer than `patience` is left behind: from where it is, it reads on from the source alone. So does whoever wants
/// to begin anew. Without that, two copies whose targets wait for each other's connections would wait for ever.
final class SharedBlob: Sendable {
  /// How many bytes wait for one target at the most, but for the last piece.
  static let bound = 512 << 10

  private enum Standing {
    case shared, alone, gone
  }

  private struct Reader {
    var standing = Standing.shared
    var hasBegun = false
    var pieces: [ByteBuffer] = []
    var waitingBytes = 0
    var deliveredBytes: Int64 = 0
    var continuation: CheckedContinuation<Void, Never>?

    var isFull: Bool { standing == .shared && waitingBytes >= SharedBlob.bound }
  }

  private struct State {
    var readers: [Reader]
    var end: Result<Void, any Error>?
    var room: CheckedContinuation<Void, Never>?

    var hasRoom: Bool { !readers.contains(where: \.isFull) }
    var isWanted: Bool { readers.contains { $0.standing == .shared } }

    /// Whom to wake when there may be room again.
    mutating func takeRoom() -> CheckedContinuation<Void, Never>? {
      guard hasRoom else { return nil }
      defer { room = nil }
      return room
    }
  }

  private let blob: Descriptor
  private let source: any ImageSource
  private let patience: @Sendable () async throws -> Void
  private let state: Locked<State>

  /// Prepares for a number of targets.
  ///
  /// - Parameter patience: returns when a target was waited for long enough.
  init(
    _ blob: Descriptor, from source: any ImageSource, readers: Int,
    patience: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(5)) }
  ) {
    self.blob = blob
    self.source = source
    self.patience = patience
    state = Locked(State(readers: Array(repeating: Reader(), count: readers)))
  }

  /// Reads the source until its end, or until nobody listens any more.
  func run() async {
    do {
      for try await piece in try await source.blob(blob, from: 0) {
        try Task.checkCancellation()
        hand(out: piece)
        try await waitForRoom()
        guard state.withLock({ $0.isWanted }) else { break }
      }
      end(.success(()))
    } catch {
      end(.failure(error))
    }
  }

  /// The bytes for one target from an offset on.
  func read(_ reader: Int, from offset: Int64) async throws -> ByteStream {
    let joins = state.withLock { state in
      defer { state.readers[reader].hasBegun = true }
      return !state.readers[reader].hasBegun && offset == 0 && state.readers[reader].standing == .shared
    }
    if joins { return ByteStream(Pieces(shared: self, reader: reader)) }
    leave(reader)
    return try await source.blob(blob, from: offset)
  }

  /// Says that a target takes nothing more.
  func leave(_ reader: Int) {
    let waiting = state.withLock { state in
      state.readers[reader].standing = .gone
      state.readers[reader].pieces = []
      state.readers[reader].waitingBytes = 0
      return state.takeRoom()
    }
    waiting?.resume()
  }
}

extension SharedBlob {
  private func hand(out piece: ByteBuffer) {
    let waiting = state.withLock { state in
      var waiting: [CheckedContinuation<Void, Never>] = []
      for index in state.readers.indices where state.readers[index].standing == .shared {
        state.readers[index].pieces.append(piece)
        state.readers[index].waitingBytes += piece.readableBytes
        if let continuation = state.readers[index].continuation { waiting.append(continuation) }
        state.readers[index].continuation = nil
      }
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  private func end(_ result: Result<Void, any Error>) {
    let waiting = state.withLock { state in
      state.end = result
      defer { for index in state.readers.indices { state.readers[index].continuation = nil } }
      return state.readers.compactMap(\.continuation)
    }
    for continuation in waiting { continuation.resume() }
  }

  private func waitForRoom() async throws {
    guard !state.withLock({ $0.hasRoom }) else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.room() }
      group.addTask {
        try await self.patience()
        self.leaveTheFullBehind()
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Waits until nobody is full, or the task is cancelled.
  private func room() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isNow = state.withLock { state in
          if state.hasRoom || Task.isCancelled { return true }
          state.room = continuation
          return false
        }
        if isNow { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        defer { state.room = nil }
        return state.room
      }
      waiting?.resume()
    }
  }

  private func leaveTheFullBehind() {
    let waiting = state.withLock { state in
      for index in state.readers.indices where state.readers[index].isFull {
        state.readers[index].standing = .alone
        // Whoever has not even begun reads everything alone, and so these bytes need not wait.
        if !state.readers[index].hasBegun {
          state.readers[index].pieces = []
          state.readers[index].waitingBytes = 0
        }
      }
      return state.takeRoom()
    }
    waiting?.resume()
  }

  private enum Step {
    case piece(ByteBuffer)
    case end(Result<Void, any Error>)
    case goOnAlone(from: Int64)
    case wait
  }

  private func step(_ reader: Int) -> Step {
    let (step, waiting): (Step, CheckedContinuation<Void, Never>?) = state.withLock { state in
      guard state.readers[reader].pieces.isEmpty else {
        let piece = state.readers[reader].pieces.removeFirst()
        state.readers[reader].waitingBytes -= piece.readableBytes
        state.readers[reader].deliveredBytes += Int64(piece.readableBytes)
        return (.piece(piece), state.takeRoom())
      }
      if state.readers[reader].standing != .shared {
        return (.goOnAlone(from: state.readers[reader].deliveredBytes), nil)
      }
      return (state.end.map { .end($0) } ?? .wait, nil)
    }
    waiting?.resume()
    return step
  }

  /// Waits until there is a step to take, or the task is cancelled.
  private func news(_ reader: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isNow = state.withLock { state in
          let current = state.readers[reader]
          let hasNews = !current.pieces.isEmpty || state.end != nil || current.standing != .shared
          if hasNews || Task.isCancelled { return true }
          state.readers[reader].continuation = continuation
          return false
        }
        if isNow { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        defer { state.readers[reader].continuation = nil }
        return state.readers[reader].continuation
      }
      waiting?.resume()
    }
  }

  /// What one target reads.
  private struct Pieces: AsyncSequence, Sendable {
    let shared: SharedBlob
    let reader: Int

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(shared: shared, reader: reader) }

    struct AsyncIterator: AsyncIteratorProtocol {
      let shared: SharedBlob
      let reader: Int
      var alone: ByteStream.AsyncIterator?

      mutating func next() async throws -> ByteBuffer? {
        while alone == nil {
          switch shared.step(reader) {
          case .piece(let piece): return piece
          case .end(let result):
            try result.get()
            return nil
          case .goOnAlone(let offset):
            alone = try await shared.source.blob(shared.blob, from: offset).makeAsyncIterator()
          case .wait:
            try Task.checkCancellation()
            await shared.news(reader)
          }
        }
        return try await alone?.next()
      }
    }
  }
}
