internal import Locks

/// Does a thing once for all who want it at the same time.
struct SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let running = Locked<[Key: Task<Value, any Error>]>([:])

  /// Answers what `work` yields, which runs on where it was begun for another caller.
  ///
  /// It is nobody's child: who is cancelled leaves it to the others.
  func run(_ key: Key, _ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = running.withLock { [running] tasks in
      if let task = tasks[key] { return task }
      let task = Task {
        defer { running.withLock { $0[key] = nil } }
        return try await work()
      }
      tasks[key] = task
      return task
    }
    return try await task.value
  }
}
