import Logging
import OCI
import Registry
import ServiceLifecycle

/// Keeps a mirror as its file says, within its size, as long as the server runs.
struct MirrorService: Service {
  let mirror: MirroredRegistry
  let collector: Collector
  /// How many bytes may be mirrored; nil sets no limit.
  let limit: ByteCount?
  /// Takes over what the file says, where it has changed.
  let applyChanges: @Sendable () async throws -> Void
  let logger: Logger

  /// How often the file is looked at.
  private static let interval = Duration.seconds(1)
  /// After how many times the size is looked at.
  private static let seldom = 60

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var count = 0
      while (try? await Task.sleep(for: Self.interval)) != nil {
        count += 1
        await attempt { try await applyChanges() }
        if count.isMultiple(of: Self.seldom) { await attempt { try await keepWithinLimit() } }
      }
    }
  }

  /// Lets go of what was pulled least recently where there is too much.
  func keepWithinLimit() async throws {
    guard let limit else { return }
    let evicted = try await mirror.evict(downTo: Int64(limit.bytes))
    guard evicted > 0 else { return }
    logger.info("evicted from the mirror", metadata: ["manifests": "\(evicted)"])
    _ = try await collector.collect(collector.policy)
  }

  private func attempt(_ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      if Task.isCancelled { return }
      logger.error("the mirror could not do what it has to", metadata: ["reason": "\(error)"])
    }
  }
}
