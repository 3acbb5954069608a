internal import Catalog
internal import Locks
internal import OCI

/// Manifests that were pulled lately, by what they were asked for.
///
/// A digest's manifest never changes; a tag's is invalidated by whoever writes tags, after the write is durable and before
/// it is acknowledged. A read that began before an invalidation and ends after it is not kept, because it may have seen
/// the catalogue as it was before.
///
/// Two generations stand in for an order of use: what is asked for moves to the young one, and when that is full it
/// becomes the old one, whose rest is forgotten.
final class ManifestCache: Sendable {
  struct Key: Hashable, Sendable {
    let repository: RepositoryName
    let reference: Reference
  }

  private struct State {
    var young: [Key: StoredManifest] = [:]
    var old: [Key: StoredManifest] = [:]
    var youngBytes = 0
    var invalidations: UInt64 = 0

    mutating func insert(_ manifest: StoredManifest, for key: Key, capacity: Int) {
      young[key] = manifest
      youngBytes += manifest.bytes.count + ManifestCache.overhead
      guard youngBytes > capacity / 2 else { return }
      old = young
      young = [:]
      youngBytes = 0
    }
  }

  /// What an entry costs beside its bytes, roughly.
  private static let overhead = 512

  private let state = Locked(State())
  private let capacity: Int

  /// - Parameter capacity: how many bytes of memory it may fill, roughly.
  init(capacity: Int) {
    self.capacity = capacity
  }

  /// The manifest that was kept, or what `read` finds.
  func manifest(
    for key: Key, read: () async throws -> StoredManifest?
  ) async throws -> StoredManifest? {
    let (kept, before) = state.withLock { state in
      if let manifest = state.young[key] { return (manifest as StoredManifest?, state.invalidations) }
      guard let manifest = state.old.removeValue(forKey: key) else { return (nil, state.invalidations) }
      state.insert(manifest, for: key, capacity: capacity)
      return (manifest, state.invalidations)
    }
    if let kept { return kept }
    guard let manifest = try await read() else { return nil }
    state.withLock { state in
      guard state.invalidations == before, manifest.bytes.count < capacity / 8 else { return }
      state.insert(manifest, for: key, capacity: capacity)
    }
    return manifest
  }

  /// Forgets what a write may have changed.
  func invalidate(_ references: [Reference], in repository: RepositoryName) {
    state.withLock { state in
      state.invalidations += 1
      for reference in references {
        let key = Key(repository: repository, reference: reference)
        state.young[key] = nil
        state.old[key] = nil
      }
    }
  }

  /// Forgets a digest and every tag that stood for it.
  func invalidate(_ digest: Digest, in repository: RepositoryName) {
    state.withLock { state in
      state.invalidations += 1
      let isKept = { (entry: (key: Key, value: StoredManifest)) in
        entry.value.digest != digest || entry.key.repository != repository
      }
      state.young = state.young.filter(isKept)
      state.old = state.old.filter(isKept)
    }
  }

  /// Forgets everything.
  func invalidateAll() {
    state.withLock { state in
      state.invalidations += 1
      state.young = [:]
      state.old = [:]
      state.youngBytes = 0
    }
  }
}
