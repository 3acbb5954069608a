import OCI
import Registry
import RegistryClient

extension PrometheusRegistry {
  /// Shows what a mirror has done for each of some upstreams, and what they still allow.
  func observe(_ mirror: MirroredRegistry, _ hosts: some Sequence<RegistryHost>, _ clients: MirrorClients) {
    poll("berth_mirror_bytes", help: "The sizes of all blobs that mirrored manifests need.") {
      (try? await mirror.mirroredBytes()).map { Double($0) }
    }
    poll("berth_mirror_fetches_in_progress", help: "Blobs that are being fetched from upstreams.") {
      Double(mirror.fetchCount)
    }
    for host in hosts {
      count("requests", of: host, "Requests to the upstream.", mirror) { Double($0.requests) }
      count("failures", of: host, "Requests to the upstream that failed, and blobs that came broken.", mirror) {
        Double($0.failures)
      }
      count("fetched_bytes", of: host, "Bytes of blobs that the upstream sent.", mirror) { Double($0.bytes) }
      count("hits", of: host, "Manifests and blobs that were served without fetching them.", mirror) {
        Double($0.hits)
      }
      count("misses", of: host, "Manifests and blobs that were fetched.", mirror) { Double($0.misses) }
      count("stale", of: host, "Manifests that were served though the upstream could not be asked.", mirror) {
        Double($0.stale)
      }
      let labels = [("upstream", host.description)]
      poll("berth_mirror_budget_remaining", help: "Pulls that the upstream still allows.", labels: labels) {
        clients.budgets[host].map { Double($0.remaining) }
      }
      poll("berth_mirror_budget_limit", help: "Pulls that the upstream allows in its window.", labels: labels) {
        clients.budgets[host].map { Double($0.limit) }
      }
    }
  }

  private func count(
    _ name: String, of host: RegistryHost, _ help: String, _ mirror: MirroredRegistry,
    _ value: @escaping @Sendable (MirrorTotals) -> Double
  ) {
    poll(
      "berth_mirror_\(name)_total", help: help, labels: [("upstream", host.description)], isCounter: true
    ) {
      mirror.totals[host].map(value)
    }
  }
}
