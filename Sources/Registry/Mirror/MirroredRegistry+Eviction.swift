internal import Catalog
public import OCI

extension MirroredRegistry {
  /// For how long a manifest stays after it was pulled, whatever the limit: who pulled it still asks for its blobs.
  private static let inUse = Duration.seconds(600)

  /// Hides the mirrored manifests that were pulled least recently, until what the others need fits a limit, in bytes.
  ///
  /// What goes with them is left to the next collection, which does not let it wait for the grace time.
  /// - Returns: how many were hidden.
  public func evict(downTo limit: Int64) async throws(RegistryError) -> Int {
    try await registry.pulls.flush()
    return try await reporting {
      var evicted = 0
      let waitingSince = now() - registry.configuration.collectionGrace - .seconds(1)
      while try await registry.catalog.mirroredBytes() > limit {
        // One at a time: what each frees depends on which blobs the others share with it.
        let count = try await registry.catalog.evictMirrored(
          pulledBefore: now() - Self.inUse, waitingSince: waitingSince, limit: 1)
        if count == 0 { break }
        evicted += count
        registry.manifestCache.invalidateAll()
      }
      return evicted
    }
  }

  /// The sizes of all blobs that mirrored manifests need, each once, in bytes.
  public func mirroredBytes() async throws(RegistryError) -> Int64 {
    try await reporting { try await registry.catalog.mirroredBytes() }
  }
}
