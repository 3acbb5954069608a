import Catalog
import Registry

extension PrometheusRegistry {
  /// Shows what the rooms below know of themselves, read when somebody asks for the metrics.
  func observe(_ catalog: any Catalog, _ collector: Collector, _ sessions: UploadSessions) {
    poll("berth_storage_blobs", help: "Blobs whose bytes are in the store.") {
      (try? await catalog.totals()).map { Double($0.blobs) }
    }
    poll("berth_storage_bytes", help: "The sizes of all blobs in the store.") {
      (try? await catalog.totals()).map { Double($0.blobBytes) }
    }
    poll("berth_trash_bytes", help: "The sizes of the blobs that only what is in the trash keeps.") {
      (try? await catalog.trashBytes()).map { Double($0) }
    }
    poll("berth_collector_queue_length", help: "Candidates that wait for the collector.") {
      (try? await catalog.totals()).map { Double($0.reviewQueue) }
    }
    poll("berth_uploads_in_progress", help: "Uploads that this process has open.") { Double(sessions.count) }
    poll("berth_collector_running", help: "Whether a collection is under way.") {
      collector.totals.isRunning ? 1 : 0
    }
    poll("berth_collector_runs_total", help: "Collections that came to their end.", isCounter: true) {
      Double(collector.totals.runs)
    }
    poll("berth_collector_blobs_total", help: "Blobs whose bytes the collector removed.", isCounter: true) {
      Double(collector.totals.taken.blobs)
    }
    poll("berth_collector_bytes_total", help: "The sizes of those blobs.", isCounter: true) {
      Double(collector.totals.taken.bytes)
    }
    poll("berth_collector_manifests_total", help: "Manifests that the collector purged.", isCounter: true) {
      Double(collector.totals.taken.manifests)
    }
  }
}
