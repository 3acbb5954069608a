internal import Locks
internal import OCI

/// Keeps the publishing of a blob and the removal of its bytes apart, digest by digest.
///
/// A publisher writes bytes and then tells the catalogue; the collector removes bytes and then tells the catalogue. Were
/// the two to mix, a blob could be linked whose bytes had just gone. Publishers of one digest do not wait for each other;
/// those that come while a removal waits let it go first, because what it claimed cannot be linked before it is over.
final class DigestGate: Sendable {
  private struct Entry {
    var publishers = 0
    var removalsWaiting = 0
    var isRemoving = false
    /// Each is told to try again.
    var waiting: [CheckedContinuation<Bool, Never>] = []

    var isFree: Bool { publishers == 0 && !isRemoving }
  }

  private let entries = Locked<[Digest: Entry]>([:])

  /// Carries out `body` while no removal of the digest is under way.
  func publishing<Success, Failure: Error>(
    _ digest: Digest, isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Success
  ) async throws(Failure) -> Success {
    await enter(digest) { entry in
      guard !entry.isRemoving, entry.removalsWaiting == 0 else { return false }
      entry.publishers += 1
      return true
    }
    defer { leave(digest) { $0.publishers -= 1 } }
    return try await body()
  }

  /// Carries out `body` while nobody publishes any of the digests.
  func removing<Success, Failure: Error>(
    _ digests: [Digest], isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Success
  ) async throws(Failure) -> Success {
    for digest in digests {
      entries.withLock { $0[digest, default: Entry()].removalsWaiting += 1 }
      await enter(digest) { entry in
        guard entry.isFree else { return false }
        entry.removalsWaiting -= 1
        entry.isRemoving = true
        return true
      }
    }
    defer {
      for digest in digests { leave(digest) { $0.isRemoving = false } }
    }
    return try await body()
  }

  private func enter(
    _ digest: Digest, isolation: isolated (any Actor)? = #isolation, _ admit: @Sendable (inout Entry) -> Bool
  ) async {
    var isIn = false
    while !isIn {
      isIn = await withCheckedContinuation { continuation in
        let isAdmitted = entries.withLock { entries in
          if admit(&entries[digest, default: Entry()]) { return true }
          entries[digest]!.waiting.append(continuation)
          return false
        }
        if isAdmitted { continuation.resume(returning: true) }
      }
    }
  }

  private func leave(_ digest: Digest, _ change: (inout Entry) -> Void) {
    let waiting = entries.withLock { entries in
      change(&entries[digest]!)
      guard entries[digest]!.isFree else { return [CheckedContinuation<Bool, Never>]() }
      let waiting = entries[digest]!.waiting
      entries[digest]!.waiting = []
      if entries[digest]!.removalsWaiting == 0 { entries[digest] = nil }
      return waiting
    }
    for continuation in waiting { continuation.resume(returning: false) }
  }
}
