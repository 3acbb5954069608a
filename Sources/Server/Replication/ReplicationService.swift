import Logging
import Registry
import ServiceLifecycle

/// Replicates as its file says, as long as the server runs.
struct ReplicationService: Service {
  let replication: Replication
  /// Takes over what the file says, where it has changed.
  let applyChanges: @Sendable () async throws -> Void
  let logger: Logger

  /// How often it is looked for what nobody told of: a file that changed, and jobs whose time has come.
  private static let interval = Duration.seconds(1)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await replication.run() }
        group.addTask { await tick() }
      }
    }
  }

  private func tick() async {
    while (try? await Task.sleep(for: Self.interval)) != nil {
      do {
        try await applyChanges()
      } catch {
        logger.error("a changed replication file could not be taken over", metadata: ["reason": "\(error)"])
      }
      replication.wake()
    }
  }
}
