import Logging
import OCI
import Registry
import ServiceLifecycle

/// Collects again and again, as long as the server runs.
struct CollectionService: Service {
  let collector: Collector
  let sessions: UploadSessions
  let interval: Duration
  let logger: Logger

  /// How long an upload that no request uses keeps its file open.
  private static let sessionIdleTime = Duration.seconds(300)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          try await Task.sleep(for: interval)
          await sessions.closeIdle(since: .now - Self.sessionIdleTime)
          let report = try await collector.collect(collector.policy)
          if report != Collector.Report() { log(report) }
        } catch {
          if Task.isCancelled { return }
          logger.error("the collection ended early; the next one goes on", metadata: ["reason": "\(error)"])
        }
      }
    }
  }

  private func log(_ report: Collector.Report) {
    logger.info(
      "collected",
      metadata: [
        "uploads": "\(report.uploads)", "manifests": "\(report.manifests)", "links": "\(report.links)",
        "blobs": "\(report.blobs)", "bytes": "\(report.bytes)",
      ])
  }
}
