import Catalog
import Logging
import OCI
import Retention
import ServiceLifecycle

/// Removes what goes by the retention policies again and again, as long as the server runs; each time is a run with a
/// report of its own.
struct RetentionService: Service {
  let runner: RetentionRunner
  let interval: Duration
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: interval)) != nil {
        do {
          let run = try await runner.begin(.registry, by: .berth)
          let totals = try await runner.plan(run) { step in
            if case .failed(let repository, let reason) = step { log(repository, reason) }
          }
          try await runner.apply(run.id, by: .berth)
          logger.info(
            "applied the retention policies",
            metadata: ["run": "\(run.id)", "tags": "\(totals.tags)", "manifests": "\(totals.manifests)"])
        } catch {
          if Task.isCancelled { return }
          logger.error("the retention policies were not applied to the end", metadata: ["reason": "\(error)"])
        }
      }
    }
  }

  private func log(_ repository: RepositoryName, _ reason: String) {
    logger.error(
      "nothing goes from a repository that cannot be planned",
      metadata: ["repository": "\(repository)", "reason": "\(reason)"])
  }
}
