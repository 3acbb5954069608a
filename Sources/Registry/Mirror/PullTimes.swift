internal import AgingMaps
internal import Catalog
internal import Locks
internal import OCI

/// When mirrored manifests were last pulled, gathered in memory and written down now and then.
final class PullTimes: Sendable {
  /// A manifest that is pulled all the time is written down once in this time.
  private static let precision = Duration.seconds(60)
  /// How many wait at the most; further ones are not noted, which makes them seem to be pulled less lately.
  private static let maximumCount = 50_000

  private struct State {
    var waiting: [RepositoryDigest: Timestamp] = [:]
    var written = AgingMap<RepositoryDigest, Timestamp>(capacity: 50_000)
  }

  private let state = Locked(State())
  private let catalog: any MirrorCatalog

  init(catalog: any MirrorCatalog) {
    self.catalog = catalog
  }

  func note(_ manifest: RepositoryDigest, at now: Timestamp) {
    state.withLock { state in
      if let last = state.written[manifest], now - Self.precision < last { return }
      guard state.waiting.count < Self.maximumCount || state.waiting[manifest] != nil else { return }
      state.waiting[manifest] = now
    }
  }

  func flush() async throws(CatalogError) {
    let pulls = state.withLock { state in
      let pulls = state.waiting.map { ManifestPull(manifest: $0.key, at: $0.value) }
      state.waiting = [:]
      for pull in pulls { state.written[pull.manifest] = pull.at }
      return pulls
    }
    do {
      try await catalog.recordPulls(pulls)
    } catch {
      // They are written down the next time.
      state.withLock { state in
        for pull in pulls {
          if state.waiting[pull.manifest] == nil { state.waiting[pull.manifest] = pull.at }
          state.written[pull.manifest] = nil
        }
      }
      throw error
    }
  }
}
