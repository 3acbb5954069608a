import Access
import Logging
import ServiceLifecycle

/// Does what is due for access again and again, as long as the server runs.
struct AccessService: Service {
  let control: AccessControl
  /// How often files changed on which access depends.
  let changesOfFiles: @Sendable () -> Int
  let logger: Logger

  /// How often what happened is written down; so long may an attempt that was denied be missing in the audit trail.
  private static let interval = Duration.seconds(1)
  /// After how many times what is due seldom is done.
  private static let seldom = 600

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var (count, knownChanges) = (0, 0)
      while (try? await Task.sleep(for: Self.interval)) != nil {
        let changes = changesOfFiles()
        if changes != knownChanges { control.invalidate() }
        (count, knownChanges) = (count + 1, changes)
        await attempt { () throws(AccessError) in try await control.flush() }
        if count.isMultiple(of: Self.seldom) { await attempt { () throws(AccessError) in try await control.tend() } }
      }
    }
    await attempt { () throws(AccessError) in try await control.flush() }
  }

  private func attempt(_ work: () async throws(AccessError) -> Void) async {
    do {
      try await work()
    } catch {
      logger.error("access control could not write down what it has to", metadata: ["reason": "\(error)"])
    }
  }
}
