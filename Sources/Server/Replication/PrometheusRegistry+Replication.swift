import Catalog
import OCI
import Registry

extension PrometheusRegistry {
  /// Shows how some rules of replication are doing.
  func observe(_ replication: Replication, _ rules: [ReplicationRuleName]) {
    for rule in rules {
      observe("pending", of: rule, "Tags and referrers that a target is not known to have.", replication) {
        Double($0?.pending ?? 0)
      }
      observe("failing", of: rule, "Those of them that were tried in vain.", replication) { Double($0?.failing ?? 0) }
      observe("oldest_age_seconds", of: rule, "How long the oldest of them has waited.", replication) { backlog in
        guard let backlog else { return 0 }
        return Double(Timestamp.now.milliseconds - backlog.oldest.milliseconds) / 1000
      }
      count("copied", of: rule, "Tags and referrers that were brought to the target.", replication) {
        Double($0.copies)
      }
      count("copied_bytes", of: rule, "Bytes of blobs that were sent for them.", replication) { Double($0.bytes) }
      count("deleted", of: rule, "What was deleted at the target.", replication) { Double($0.deletions) }
      count("failures", of: rule, "Attempts that failed.", replication) { Double($0.failures) }
    }
  }

  /// A rule that is gone is left out.
  private func observe(
    _ name: String, of rule: ReplicationRuleName, _ help: String, _ replication: Replication,
    _ value: @escaping @Sendable (ReplicationBacklog?) -> Double
  ) {
    poll("berth_replication_\(name)", help: help, labels: [("rule", rule.value)]) {
      guard let status = try? await replication.status(of: rule) else { return nil }
      return value(status.backlog)
    }
  }

  private func count(
    _ name: String, of rule: ReplicationRuleName, _ help: String, _ replication: Replication,
    _ value: @escaping @Sendable (ReplicationTotals) -> Double
  ) {
    poll("berth_replication_\(name)_total", help: help, labels: [("rule", rule.value)], isCounter: true) {
      replication.totals[rule].map(value)
    }
  }
}
