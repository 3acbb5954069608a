internal import Locks

/// Lets so many requests at a time go to each host, the others in the order of their coming.
///
/// A request counts until its answer's head is there. The body of a transfer does not count: it is waited for by what
/// it is copied to, which may be the same host, and two transfers would wait for each other.
final class RequestLimit: Sendable {
  private struct Waiter {
    let id: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Line {
    var running = 0
    var waiting: [Waiter] = []
  }

  private struct State {
    var lines: [WebAddress.Origin: Line] = [:]
    var nextID = 0
  }

  private let limit: Int
  private let state = Locked(State())

  init(_ limit: Int) {
    self.limit = max(1, limit)
  }

  /// Runs `body` when it is its turn.
  func run<Success: Sendable>(
    at origin: WebAddress.Origin, _ body: () async throws -> Success
  ) async throws -> Success {
    try await enter(origin)
    defer { leave(origin) }
    return try await body()
  }

  private func enter(_ origin: WebAddress.Origin) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let mayGo = state.withLock { state -> Result<Void, any Error>? in
          // Checked under the lock that cancelling takes as well, so that no cancelled request is left waiting.
          if Task.isCancelled { return .failure(CancellationError()) }
          var line = state.lines[origin] ?? Line()
          defer { state.lines[origin] = line }
          if line.running < limit {
            line.running += 1
            return .success(())
          }
          line.waiting.append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let mayGo { continuation.resume(with: mayGo) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.lines[origin]?.waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return state.lines[origin]?.waiting.remove(at: index)
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  private func leave(_ origin: WebAddress.Origin) {
    let next = state.withLock { state -> Waiter? in
      guard var line = state.lines[origin] else { return nil }
      // Who waits takes over the place, so that nobody who comes later gets it.
      if !line.waiting.isEmpty {
        let next = line.waiting.removeFirst()
        state.lines[origin] = line
        return next
      }
      line.running -= 1
      state.lines[origin] = line.running == 0 ? nil : line
      return nil
    }
    next?.continuation.resume()
  }
}
