import Logging
import OCI
import Registry
import ServiceLifecycle

/// Has what was pulled when written down, as long as the server runs.
struct PullService: Service {
  let pulls: PullLog
  let logger: Logger

  /// How often the length of the log is looked at.
  private static let interval = Duration.seconds(1)
  /// After how many times it is written down whatever its length.
  private static let seldom = 10

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var count = 0
      while (try? await Task.sleep(for: Self.interval)) != nil {
        count += 1
        if pulls.isLong || count.isMultiple(of: Self.seldom) { await flush() }
      }
    }
    await flush()
  }

  private func flush() async {
    do throws(RegistryError) {
      try await pulls.flush()
    } catch {
      logger.error("what was pulled could not be written down, and waits", metadata: ["reason": "\(error)"])
    }
  }
}
