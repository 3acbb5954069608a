internal import Catalog
internal import Locks
public import OCI

/// When manifests were last pulled and how often, gathered in memory and written down now and then.
///
/// Retention keeps what is in use, and this is how it knows.
public final class PullLog: Sendable {
  /// How many manifests may wait before they should be written down at once.
  private static let many = 10_000
  /// How many wait at the most, where they cannot be written down; further ones are not noted.
  private static let maximumCount = 200_000

  private struct Pulls {
    var last: Timestamp
    var downloads: Int64
  }

  private let waiting = Locked<[RepositoryDigest: Pulls]>([:])
  private let catalog: any PullCatalog

  init(catalog: any PullCatalog) {
    self.catalog = catalog
  }

  /// Notes that a manifest was pulled, or, where it is no download, that somebody made sure of having it.
  public func note(_ digest: Digest, in repository: RepositoryName, at now: Timestamp = .now, isDownload: Bool = true) {
    let manifest = RepositoryDigest(repository: repository, digest: digest)
    waiting.withLock { waiting in
      let known = waiting[manifest]
      guard known != nil || waiting.count < Self.maximumCount else { return }
      let downloads = (known?.downloads ?? 0) + (isDownload ? 1 : 0)
      waiting[manifest] = Pulls(last: max(known?.last ?? now, now), downloads: downloads)
    }
  }

  /// Whether so many wait that they should be written down at once.
  public var isLong: Bool { waiting.withLock { $0.count >= Self.many } }

  /// Writes down what waits; where that fails, it waits on.
  public func flush() async throws(RegistryError) {
    let pulls = waiting.withLock { waiting in
      defer { waiting = [:] }
      return waiting
    }
    try await reporting {
      do {
        try await catalog.recordPulls(
          pulls.map { ManifestPulls(manifest: $0.key, last: $0.value.last, downloads: $0.value.downloads) })
      } catch {
        waiting.withLock { waiting in
          waiting.merge(pulls) { Pulls(last: max($0.last, $1.last), downloads: $0.downloads + $1.downloads) }
        }
        throw error
      }
    }
  }
}
