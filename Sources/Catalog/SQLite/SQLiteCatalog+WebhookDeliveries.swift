internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Has a webhook told that somebody tries it.
  ///
  /// - Returns: nil where there is none.
  public func pingWebhook(_ id: Int64, by actor: Author) async throws(CatalogError) -> WebhookDelivery? {
    try await write(while: "pinging the webhook \(id)") { database in
      guard let webhook = try database.webhook(id) else { return nil }
      let change = Change(by: actor, in: webhook.scope.repository)
      let ping = change.event(.webhookPing, "\(id)", ["scope": webhook.scope.description])
      try database.record([ping])
      let recorded = database.lastInsertedRowID
      // It is about no repository, so that it waits for nothing but other pings and runs.
      let event = AuditEvent(
        id: recorded, at: ping.at, actor: ping.actor, action: ping.action, outcome: ping.outcome,
        subject: ping.subject, detail: ping.detail)
      try database.queue([(id, event)], at: change.now)
      return try database.delivery(database.lastDelivery(of: id), of: id)
    }
  }

  /// The deliveries of a webhook, the newest first, before one.
  public func webhookDeliveries(
    of webhook: Int64, before: Int64?, limit: Int
  ) async throws(CatalogError) -> [WebhookDelivery] {
    try await read(while: "listing what the webhook \(webhook) was told") { database in
      try database.all(
        """
        SELECT \(WebhookDelivery.columns) FROM webhook_delivery d
        LEFT JOIN webhook_queue q ON q.webhook_id = d.webhook_id AND q.repository = d.repository
        WHERE d.webhook_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?
        """, [webhook, before ?? .max, limit]
      ) { try $0.webhookDelivery() }
    }
  }

  /// A delivery of a webhook.
  public func webhookDelivery(_ id: Int64, of webhook: Int64) async throws(CatalogError) -> WebhookDelivery? {
    try await read(while: "looking for the delivery \(id)") { try $0.delivery(id, of: webhook) }
  }

  /// Has a delivery made again, or tried at once where it waits.
  ///
  /// - Returns: nil where there is none.
  public func redeliver(
    _ id: Int64, of webhook: Int64, by actor: Author
  ) async throws(CatalogError) -> WebhookDelivery? {
    try await write(while: "having the delivery \(id) made again") { database in
      guard let delivery = try database.delivery(id, of: webhook), let owner = try database.webhook(webhook) else {
        return nil
      }
      let change = Change(by: actor, in: owner.scope.repository)
      try database.run(
        """
        UPDATE webhook_delivery SET state = 'waiting', attempts = 0, queued_at = ? WHERE id = ? AND state <> 'waiting'
        """, [change.now.milliseconds, id])
      try database.run(
        """
        INSERT INTO webhook_queue (webhook_id, repository, next_attempt_at) VALUES (?, ?, ?)
        ON CONFLICT (webhook_id, repository) DO UPDATE SET next_attempt_at = excluded.next_attempt_at
        """, [webhook, delivery.event.repository ?? "", change.now.milliseconds])
      try database.record([
        change.event(
          .webhookRedeliver, "\(webhook)", ["delivery": "\(id)", "scope": owner.scope.description])
      ])
      return try database.delivery(id, of: webhook)
    }
  }
}

extension Database {
  fileprivate func delivery(_ id: Int64?, of webhook: Int64) throws -> WebhookDelivery? {
    try first(
      """
      SELECT \(WebhookDelivery.columns) FROM webhook_delivery d
      LEFT JOIN webhook_queue q ON q.webhook_id = d.webhook_id AND q.repository = d.repository
      WHERE d.id = ? AND d.webhook_id = ?
      """, [id, webhook]
    ) { try $0.webhookDelivery() }
  }

  fileprivate func lastDelivery(of webhook: Int64) throws -> Int64? {
    try value("SELECT MAX(id) FROM webhook_delivery WHERE webhook_id = ?", [webhook])
  }
}
