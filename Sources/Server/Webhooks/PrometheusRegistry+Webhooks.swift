import Catalog
import OCI
import Webhooks

extension PrometheusRegistry {
  /// Shows how webhooks are doing.
  func observe(_ catalog: any Catalog, _ deliveries: WebhookDeliveries) {
    poll("berth_webhook_waiting", help: "Deliveries to webhooks that wait, to be made or to be made again.") {
      (try? await catalog.webhookBacklog()).map { Double($0.waiting) }
    }
    poll("berth_webhook_oldest_age_seconds", help: "How long the oldest of them has waited.") {
      guard let backlog = try? await catalog.webhookBacklog() else { return nil }
      guard let oldest = backlog.oldest else { return 0 }
      return Double(Timestamp.now.milliseconds - oldest.milliseconds) / 1000
    }
    count("delivered", deliveries) { $0.delivered }
    count("retried", deliveries) { $0.retried }
    count("failed", deliveries) { $0.failed }
  }

  private func count(
    _ outcome: String, _ deliveries: WebhookDeliveries, _ value: @escaping @Sendable (WebhookTotals) -> Int
  ) {
    poll(
      "berth_webhook_attempts_total",
      help: "Attempts to deliver: taken by the target, to be made again, or the last before giving up.",
      labels: [("outcome", outcome)], isCounter: true
    ) { Double(value(deliveries.totals)) }
  }
}
