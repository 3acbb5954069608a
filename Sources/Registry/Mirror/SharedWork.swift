internal import Locks

/// Work that is done once for all who ask for it at the same time.
///
/// It goes on where those who asked are gone, so that the next one finds it done.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let underWay = Locked<[Key: Task<Value, Never>]>([:])

  /// The value of the work that is under way for a key, or of `work`, which begins then.
  func value(for key: Key, _ work: @escaping @Sendable () async -> Value) async -> Value {
    await task(for: key, work).value
  }

  /// The value, or nil where `patience` returns before the work does, which goes on.
  func value(
    for key: Key, patience: @escaping @Sendable () async -> Void, _ work: @escaping @Sendable () async -> Value
  ) async -> Value? {
    let task = task(for: key, work)
    return await withCheckedContinuation { continuation in
      let answer = OneAnswer(continuation)
      let timer = Task {
        await patience()
        answer.give(nil)
      }
      Task {
        answer.give(await task.value)
        timer.cancel()
      }
    }
  }

  private func task(for key: Key, _ work: @escaping @Sendable () async -> Value) -> Task<Value, Never> {
    underWay.withLock { underWay in
      if let task = underWay[key] { return task }
      let task = Task {
        let value = await work()
        self.underWay.withLock { $0[key] = nil }
        return value
      }
      underWay[key] = task
      return task
    }
  }

  /// Cancels what is under way, and waits until nothing is.
  func cancelAll() async {
    while let task = underWay.withLock({ $0.values.first }) {
      task.cancel()
      _ = await task.value
    }
  }
}

/// A continuation that is resumed with what is given first.
private final class OneAnswer<Value: Sendable>: Sendable {
  private let continuation: Locked<CheckedContinuation<Value?, Never>?>

  init(_ continuation: CheckedContinuation<Value?, Never>) {
    self.continuation = Locked(continuation)
  }

  func give(_ value: Value?) {
    continuation.withLock { $0.take() }?.resume(returning: value)
  }
}
