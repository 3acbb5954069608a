internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Makes a webhook, which is told of what happens from now on.
  public func addWebhook(
    _ scope: RepositoryScope, _ settings: WebhookSettings, secret: WebhookSecret, by actor: Author
  ) async throws(CatalogError) -> Webhook {
    try await write(while: "making a webhook of \(scope)") { database in
      // Without webhooks nobody reads the feed for them; the first one begins where the feed ends.
      try database.beginReading(.webhooks)
      let change = Change(by: actor, in: scope.repository)
      let id = try database.value(
        """
        INSERT INTO webhook (
          scope, owner, url, secret, format, topics, tells_pulls, disabled, after_event, made_at, made_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, COALESCE((SELECT MAX(id) FROM audit), 0), ?, ?) RETURNING id
        """,
        [
          scope.description, scope.owner?.value ?? "", settings.url.text, secret.reveal(), settings.format.rawValue,
          settings.topicsColumn, settings.topics.contains(.pull), settings.isDisabled, change.now.milliseconds,
          actor.name,
        ], as: Int64.self)
      guard let id else { throw CorruptColumn("a webhook without a number") }
      try database.record([change.event(.webhookAdd, "\(id)", settings.auditDetail(in: scope))])
      return Webhook(id: id, scope: scope, settings: settings, madeAt: change.now, madeBy: actor.name)
    }
  }

  /// A webhook.
  public func webhook(_ id: Int64) async throws(CatalogError) -> Webhook? {
    try await read(while: "looking for the webhook \(id)") { try $0.webhook(id) }
  }

  /// Webhooks that a rule of the caller's lets through, in the order in which they were made, after one.
  public func webhooks(
    where isListed: @escaping @Sendable (Webhook) -> Bool, after: Int64?, limit: Int
  ) async throws(CatalogError) -> [Webhook] {
    try await read(while: "listing webhooks") { database in
      try database.first(
        limit, of: "SELECT \(Webhook.columns) FROM webhook h WHERE h.id > ? ORDER BY h.id", [after ?? 0]
      ) { row in
        let webhook = try row.webhook()
        return isListed(webhook) ? webhook : nil
      }
    }
  }

  /// Changes a webhook. One that was disabled is not told of what happened while it was.
  ///
  /// - Returns: nil where there is none.
  public func changeWebhook(
    _ id: Int64, to settings: WebhookSettings, secret: WebhookSecret?, by actor: Author
  ) async throws(CatalogError) -> Webhook? {
    try await write(while: "changing the webhook \(id)") { database in
      guard let old = try database.webhook(id) else { return nil }
      try database.run(
        """
        UPDATE webhook SET
          url = ?, secret = COALESCE(?, secret), format = ?, topics = ?, tells_pulls = ?, disabled = ?,
          after_event = CASE WHEN disabled = 1 THEN COALESCE((SELECT MAX(id) FROM audit), 0) ELSE after_event END
        WHERE id = ?
        """,
        [
          settings.url.text, secret?.reveal(), settings.format.rawValue, settings.topicsColumn,
          settings.topics.contains(.pull), settings.isDisabled, id,
        ])
      var detail = settings.auditDetail(in: old.scope)
      if secret != nil { detail["secret"] = "changed" }
      try database.record([Change(by: actor, in: old.scope.repository).event(.webhookChange, "\(id)", detail)])
      return Webhook(id: id, scope: old.scope, settings: settings, madeAt: old.madeAt, madeBy: old.madeBy)
    }
  }

  /// Removes a webhook with its deliveries.
  ///
  /// - Returns: whether there was one.
  public func removeWebhook(_ id: Int64, by actor: Author) async throws(CatalogError) -> Bool {
    try await write(while: "removing the webhook \(id)") { database in
      guard let webhook = try database.webhook(id) else { return false }
      try database.removeWebhooks("id = ?", [id])
      try database.record([
        Change(by: actor, in: webhook.scope.repository)
          .event(.webhookRemove, "\(id)", webhook.settings.auditDetail(in: webhook.scope))
      ])
      return true
    }
  }
}

extension Database {
  func webhook(_ id: Int64) throws -> Webhook? {
    try first("SELECT \(Webhook.columns) FROM webhook h WHERE h.id = ?", [id]) { try $0.webhook() }
  }

  /// Removes webhooks with their deliveries; without any, no event is kept for them.
  func removeWebhooks(_ condition: String, _ arguments: StatementArguments) throws {
    for table in ["webhook_delivery", "webhook_queue"] {
      try run("DELETE FROM \(table) WHERE webhook_id IN (SELECT id FROM webhook WHERE \(condition))", arguments)
    }
    try run("DELETE FROM webhook WHERE \(condition)", arguments)
    try run(
      "DELETE FROM feed_reader WHERE name = ? AND (SELECT MAX(id) FROM webhook) IS NULL",
      [FeedReader.webhooks.rawValue])
  }
}

extension WebhookSettings {
  /// What the audit trail tells; a URL's path may hold a secret, and is left out.
  fileprivate func auditDetail(in scope: RepositoryScope) -> [String: String?] {
    [
      "scope": scope.description, "url": url.description, "format": format.rawValue, "events": topicsColumn,
      "disabled": isDisabled ? "true" : nil,
    ]
  }
}
