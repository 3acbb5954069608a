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

    /// The key of a digest in the same repository.
    func naming(_ digest: Digest) -> Key {
      Key(repository: repository, reference: .digest(digest))
    }
  }

  private enum Entry {
    case manifest(StoredManifest, id: UInt64)
    /// A tag's, whose manifest has an entry of its own: once that one is forgotten the tag's is worth nothing, even if
    /// the digest comes back under another id.
    case tag(Digest, id: UInt64)
  }

  private struct State {
    var young: [Key: Entry] = [:]
    var old: [Key: Entry] = [:]
    var youngBytes = 0
    var invalidations: UInt64 = 0
    private var lastID: UInt64 = 0
    /// How many bytes of memory both generations may fill, roughly.
    let capacity: Int

    init(capacity: Int) {
      self.capacity = capacity
    }

    private mutating func insert(_ entry: Entry, for key: Key) {
      young[key] = entry
      youngBytes += ManifestCache.overhead
      if case .manifest(let manifest, _) = entry { youngBytes += manifest.bytes.count }
      guard youngBytes > capacity / 2 else { return }
      old = young
      young = [:]
      youngBytes = 0
    }

    mutating func insert(_ manifest: StoredManifest, for key: Key) {
      let id: UInt64
      if case .manifest(_, let known) = use(key.naming(manifest.digest)) {
        id = known
      } else {
        lastID += 1
        id = lastID
        insert(.manifest(manifest, id: id), for: key.naming(manifest.digest))
      }
      if case .tag = key.reference { insert(.tag(manifest.digest, id: id), for: key) }
    }

    mutating func manifest(for key: Key) -> StoredManifest? {
      switch use(key) {
      case .manifest(let manifest, _): return manifest
      case .tag(let digest, let id):
        guard case .manifest(let manifest, id) = use(key.naming(digest)) else { return nil }
        return manifest
      case nil: return nil
      }
    }

    private mutating func use(_ key: Key) -> Entry? {
      if let entry = young[key] { return entry }
      guard let entry = old.removeValue(forKey: key) else { return nil }
      insert(entry, for: key)
      return entry
    }
  }

  /// What an entry costs beside its bytes, roughly.
  private static let overhead = 256

  private let state: Locked<State>

  /// - Parameter capacity: how many bytes of memory it may fill, roughly.
  init(capacity: Int) {
    state = Locked(State(capacity: capacity))
  }

  /// The manifest that was kept, or what `read` finds.
  func manifest(
    for key: Key, read: () async throws -> StoredManifest?
  ) async throws -> StoredManifest? {
    let (kept, before) = state.withLock { ($0.manifest(for: key), $0.invalidations) }
    if let kept { return kept }
    guard let manifest = try await read() else { return nil }
    state.withLock { state in
      guard state.invalidations == before, manifest.bytes.count < state.capacity / 8 else { return }
      state.insert(manifest, for: key)
    }
    return manifest
  }

  /// Forgets what a write may have changed; with a digest, what tags stand for it.
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
