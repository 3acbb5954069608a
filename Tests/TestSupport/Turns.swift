internal import Locks

/// Lets only so many tests at once hold what is scarce: all tests of the package run in one process, and begin together.
final class Turns: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// Whether this task has a turn already; what it starts then waits for no second one, which might never come.
  @TaskLocal private static var isHeld = false

  private let state: Locked<State>

  init(_ count: Int) {
    state = Locked(State(free: count))
  }

  /// Waits for a turn, and holds it while `body` runs.
  func hold<Success>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Success
  ) async throws -> Success {
    guard !Self.isHeld else { return try await body() }
    await begin()
    defer { end() }
    return try await Self.$isHeld.withValue(true) { try await body() }
  }

  private func begin() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        guard state.free > 0 else {
          state.waiting.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  private func end() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
