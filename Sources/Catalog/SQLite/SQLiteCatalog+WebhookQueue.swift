internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// How many events that no webhook wants may be read before the catalogue is told.
  private static let unremembered: Int64 = 1_000

  /// Reads the feed on, makes deliveries of what webhooks want of it, and remembers how far it was read.
  ///
  /// - Returns: the last event that was read; nil where there is nothing to read.
  public func queueWebhookDeliveries(after event: Int64, limit: Int) async throws(CatalogError) -> Int64? {
    let found = try await read(while: "reading the audit trail for webhooks") { database in
      try database.wantedDeliveries(after: event, limit: limit)
    }
    guard let found else { return nil }
    // Most pushes interest no webhook, and cost no transaction.
    guard !found.wanted.isEmpty || found.last - found.remembered >= Self.unremembered else { return found.last }
    return try await write(.relaxed, while: "queueing what webhooks are to be told") { database in
      // Webhooks may have changed since.
      guard let found = try database.wantedDeliveries(after: event, limit: limit) else { return nil }
      try database.queue(found.wanted, at: .now)
      try database.move(.webhooks, to: found.last)
      return found.last
    }
  }

  /// How many webhooks are looked at together.
  private static let mostWebhooks = 64

  /// What is to be delivered at a moment: of each webhook and repository the first, what is due for longest before.
  public func dueWebhookDeliveries(
    at now: Timestamp, busy: [Int64: Int], atOnce: Int
  ) async throws(CatalogError) -> [DueWebhookDelivery] {
    try await read(while: "looking for what webhooks are to be told") { database in
      // The `+` has the index walked that tells what is due, and not the one that tells webhooks apart.
      let waiting = try database.all(
        """
        SELECT DISTINCT +q.webhook_id
        FROM webhook_queue q CROSS JOIN webhook h ON h.id = q.webhook_id AND h.disabled = 0
        WHERE q.next_attempt_at <= ?
        """, [now.milliseconds]
      ) { $0[0] as Int64 }
      let rows = waiting.filter { busy[$0, default: 0] < atOnce }.prefix(Self.mostWebhooks).map { webhook in
        [webhook, now.milliseconds]
      }
      // What is under way is still in its queue: twice as many leave enough.
      var due: [DueWebhookDelivery] = []
      try ValueRows(rows).forEach { marks, values in
        due += try database.all(
          """
          SELECT \(WebhookDelivery.columns), \(Webhook.columns), h.secret, sender.id, r.id, r.created_at, owner.id,
            owner.kind, m.id, m.pushed_at, m.digest, m.media_type, m.bytes
          FROM (VALUES \(marks)) AS wanted
          CROSS JOIN webhook_queue q ON q.webhook_id = wanted.column1 AND q.repository IN (
            SELECT repository FROM webhook_queue WHERE webhook_id = wanted.column1 AND next_attempt_at <= wanted.column2
            ORDER BY next_attempt_at LIMIT \(2 * atOnce))
          CROSS JOIN webhook_delivery d ON d.id = (
            SELECT MIN(id) FROM webhook_delivery
            WHERE webhook_id = q.webhook_id AND repository = q.repository AND state = 'waiting')
          CROSS JOIN webhook h ON h.id = q.webhook_id
          LEFT JOIN account sender ON sender.name = d.actor
          LEFT JOIN repository r ON r.name = d.repository
          LEFT JOIN account owner ON owner.name = r.owner
          LEFT JOIN manifest m ON m.repository_id = r.id AND m.digest = d.digest
          WHERE wanted.column1 IS NOT NULL
          """, values
        ) { try $0.dueWebhookDelivery() }
      }
      return due
    }
  }

  /// Records an attempt, and what follows from it.
  public func record(
    _ attempt: WebhookAttempt, of delivery: Int64, _ outcome: WebhookOutcome
  ) async throws(CatalogError) {
    try await write(.relaxed, while: "recording what a webhook answered") { database in
      let state: WebhookDelivery.State =
        switch outcome {
        case .delivered: .delivered
        case .retried: .waiting
        case .givenUp: .failed
        }
      let queue = try database.first(
        """
        UPDATE webhook_delivery SET
          attempts = attempts + 1, attempted_at = ?, duration = ?, status = ?, answer = ?, error = ?, state = ?
        WHERE id = ? AND state = 'waiting' RETURNING webhook_id, repository
        """,
        [
          attempt.at.milliseconds, attempt.milliseconds, attempt.status, attempt.answer, attempt.error, state.rawValue,
          delivery,
        ]
      ) { row in (webhook: row[0] as Int64, repository: row[1] as String) }
      guard let queue else { return }
      switch outcome {
      case .retried(let moment):
        try database.run(
          "UPDATE webhook_queue SET next_attempt_at = ? WHERE webhook_id = ? AND repository = ?",
          [moment.milliseconds, queue.webhook, queue.repository])
        return
      case .givenUp(let moment):
        try database.run(
          """
          UPDATE webhook_delivery SET state = 'failed', error = ?
          WHERE webhook_id = ? AND repository = ? AND state = 'waiting' AND queued_at <= ?
          """, [attempt.error, queue.webhook, queue.repository, moment.milliseconds])
      case .delivered: break
      }
      try database.advance(queue.webhook, queue.repository)
      try database.forgetDeliveries(of: queue.webhook)
    }
  }

  /// How much there is to deliver, for metrics.
  public func webhookBacklog() async throws(CatalogError) -> WebhookBacklog {
    let backlog = try await read(while: "counting what webhooks have yet to be told") { database in
      try database.first("SELECT COUNT(*), MIN(queued_at) FROM webhook_delivery WHERE state = 'waiting'") { row in
        WebhookBacklog(waiting: row[0], oldest: row.timestamp(at: 1))
      }
    }
    return backlog ?? WebhookBacklog(waiting: 0, oldest: nil)
  }
}

/// What webhooks want of a part of the feed.
private struct WantedDeliveries {
  /// How far the catalogue knows that the feed was read.
  let remembered: Int64
  /// The last event of the part.
  let last: Int64
  let wanted: [(webhook: Int64, event: AuditEvent)]
}

extension Database {
  /// - Returns: nil where there is nothing to read, or nobody to tell.
  fileprivate func wantedDeliveries(after event: Int64, limit: Int) throws -> WantedDeliveries? {
    let position = try value(
      "SELECT event_id FROM feed_reader WHERE name = ?", [FeedReader.webhooks.rawValue], as: Int64.self)
    guard let position else { return nil }
    let events = try all(
      "SELECT \(AuditEvent.columns) FROM audit WHERE id > ? ORDER BY id LIMIT ?", [max(position, event), limit]
    ) { try $0.auditEvent() }
    guard let last = events.last?.id else { return nil }
    let told = events.filter { $0.topic != nil }
    let scopes = Set(told.flatMap(\.webhookScopes))
    var webhooks: [RepositoryScope: [(webhook: Webhook, after: Int64)]] = [:]
    try ValueLists(scopes.map(\.description)).forEach { marks, scopes in
      let found = try all(
        "SELECT \(Webhook.columns), h.after_event FROM webhook h WHERE h.scope IN (\(marks)) AND h.disabled = 0",
        StatementArguments(scopes)
      ) { row in (webhook: try row.webhook(), after: row[Webhook.columnCount] as Int64) }
      for found in found { webhooks[found.webhook.scope, default: []].append(found) }
    }
    let wanted = told.flatMap { event in
      event.webhookScopes.flatMap { webhooks[$0] ?? [] }
        .filter { event.id > $0.after && $0.webhook.wants(event) }
        .map { (webhook: $0.webhook.id, event: event) }
    }
    return WantedDeliveries(remembered: position, last: last, wanted: wanted)
  }

  /// Makes deliveries, each to be made once those before it have been.
  func queue(_ wanted: [(webhook: Int64, event: AuditEvent)], at now: Timestamp) throws {
    let rows: [[(any DatabaseValueConvertible)?]] = wanted.map { webhook, event in
      [
        webhook, event.id, event.at.milliseconds, event.actor.name, event.action.rawValue, event.repository ?? "",
        event.subject, StringsColumn.encode(event.detail), event.manifest?.key, now.milliseconds,
      ]
    }
    try ValueRows(rows).forEach { marks, values in
      try run(
        """
        INSERT INTO webhook_delivery (
          webhook_id, event_id, at, actor, action, repository, subject, detail, digest, queued_at, state, attempts)
        SELECT event.*, 'waiting', 0 FROM (VALUES \(marks)) AS event WHERE column1 IS NOT NULL
        """, values)
    }
    try wait(wanted.map { ($0.webhook, $0.event.repository ?? "") }, at: now)
  }

  /// Has queues looked at, where they are not waiting for an attempt already.
  private func wait(_ queues: [(webhook: Int64, repository: String)], at now: Timestamp) throws {
    let rows: [[(any DatabaseValueConvertible)?]] = queues.map { [$0.webhook, $0.repository, now.milliseconds] }
    try ValueRows(rows).forEach { marks, values in
      try run(
        """
        INSERT INTO webhook_queue (webhook_id, repository, next_attempt_at)
        SELECT * FROM (VALUES \(marks)) AS event WHERE column1 IS NOT NULL
        ON CONFLICT (webhook_id, repository) DO NOTHING
        """, values)
    }
  }

  /// Goes on to the next delivery of a queue, or lets go of one that is at its end.
  fileprivate func advance(_ webhook: Int64, _ repository: String) throws {
    let more = try run(
      """
      UPDATE webhook_queue SET next_attempt_at = ?
      WHERE webhook_id = ? AND repository = ? AND EXISTS (
        SELECT 1 FROM webhook_delivery d
        WHERE d.webhook_id = webhook_queue.webhook_id AND d.repository = webhook_queue.repository
          AND d.state = 'waiting')
      """, [Timestamp.now.milliseconds, webhook, repository])
    guard more == 0 else { return }
    try run("DELETE FROM webhook_queue WHERE webhook_id = ? AND repository = ?", [webhook, repository])
  }

  /// Keeps the log of a webhook to its length and age.
  fileprivate func forgetDeliveries(of webhook: Int64) throws {
    try run(
      """
      DELETE FROM webhook_delivery WHERE webhook_id = ? AND state <> 'waiting' AND (queued_at < ? OR id <= COALESCE((
        SELECT id FROM webhook_delivery WHERE webhook_id = ? AND state <> 'waiting'
        ORDER BY id DESC LIMIT 1 OFFSET ?), 0))
      """, [webhook, (Timestamp.now - WebhookLog.age).milliseconds, webhook, WebhookLog.length])
  }
}

extension Row {
  /// The columns of `dueWebhookDeliveries`.
  fileprivate func dueWebhookDelivery() throws -> DueWebhookDelivery {
    let (webhook, rest) = (WebhookDelivery.columnCount, WebhookDelivery.columnCount + Webhook.columnCount)
    return DueWebhookDelivery(
      delivery: try webhookDelivery(), settings: try self.webhook(at: webhook).settings,
      secret: try WebhookSecret(parsing: self[rest] as String), sender: self[rest + 1],
      repository: try (self[rest + 2] as Int64?).map { id in
        NumberedRepository(
          id: id, createdAt: Timestamp(milliseconds: self[rest + 3]), owner: self[rest + 4],
          ownerKind: try value(orNilAt: rest + 5))
      },
      manifest: try (self[rest + 6] as Int64?).map { id in
        NumberedManifest(
          id: id, pushedAt: Timestamp(milliseconds: self[rest + 7]),
          stored: StoredManifest(
            digest: try digest(at: rest + 8), mediaType: try mediaType(at: rest + 9), bytes: try bytes(at: rest + 10)))
      })
  }
}
