import Catalog
import Logging
import Registry
import Webhooks

/// What makes webhooks work, as the settings have it.
struct WebhookParts: Sendable {
  /// Which addresses they may reach.
  let addresses: TargetAddresses
  let deliveries: WebhookDeliveries

  /// What has to run for it.
  var service: WebhookService { WebhookService(deliveries: deliveries) }
}

extension Settings {
  /// Webhooks, which the catalogue has: they are looked for whether there are any or not.
  func makeWebhooks(
    _ registry: Registry, _ catalog: any Catalog, _ prometheus: PrometheusRegistry, _ logger: Logger
  ) -> WebhookParts {
    let addresses = TargetAddresses(allowsPrivate: webhookPrivateTargets)
    let scheme = tlsCertificate == nil ? "http" : "https"
    let deliveries = WebhookDeliveries(
      catalog, through: WebhookClient(addresses: addresses), from: externalURL?.description ?? "\(scheme)://\(listen)",
      report: { logger.error("webhooks failed here", metadata: ["reason": "\($0)"]) })
    registry.changes.tell { deliveries.wake() }
    prometheus.observe(catalog, deliveries)
    return WebhookParts(addresses: addresses, deliveries: deliveries)
  }
}
