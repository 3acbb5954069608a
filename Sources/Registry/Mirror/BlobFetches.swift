internal import Locks

/// The blobs that are being fetched, each once whoever reads it.
final class BlobFetches: Sendable {
  private struct Running {
    let fetch: BlobFetch
    let task: Task<Void, Never>
    var isUnattended = false
  }

  /// How many fetches that nobody reads any more go on; those who left come back for them.
  private static let mostUnattended = 16

  private let running = Locked<[MirroredRegistry.Key: Running]>([:])

  /// How many there are.
  var count: Int { running.withLock { $0.count } }

  /// The fetch that is under way for a key, or one that `work` carries out, which begins then; the caller leaves it in
  /// the end.
  func join(_ key: MirroredRegistry.Key, _ work: @escaping @Sendable (BlobFetch) async -> Void) -> BlobFetch {
    running.withLock { running in
      if let found = running[key]?.fetch {
        found.enter()
        running[key]!.isUnattended = false
        return found
      }
      let fetch = BlobFetch(key)
      fetch.enter()
      let task = Task {
        await work(fetch)
        self.running.withLock { $0[key] = nil }
      }
      running[key] = Running(fetch: fetch, task: task)
      return fetch
    }
  }

  /// Stops reading.
  func leave(_ fetch: BlobFetch) async {
    guard await fetch.leave() else { return }
    let surplus = running.withLock { running -> Task<Void, Never>? in
      guard running[fetch.key]?.fetch === fetch else { return nil }
      running[fetch.key]!.isUnattended = true
      guard running.values.count(where: \.isUnattended) > Self.mostUnattended else { return nil }
      return running[fetch.key]!.task
    }
    surplus?.cancel()
  }

  /// Ends all fetches, and waits for that.
  func cancelAll() async {
    while let task = running.withLock({ $0.values.first?.task }) {
      task.cancel()
      await task.value
    }
  }
}
