internal import GRDB
internal import OCI

extension Webhook {
  /// What `Row.webhook` reads, of the table or alias `h`.
  static let columns = "h.id, h.scope, h.url, h.format, h.topics, h.disabled, h.made_at, h.made_by"
  /// How many they are.
  static let columnCount = 8
}

extension WebhookDelivery {
  /// What `Row.webhookDelivery` reads, of the tables or aliases `d` and `q`, the delivery and its queue.
  static let columns = """
    d.id, d.webhook_id, d.event_id, d.at, d.actor, d.action, d.repository, d.subject, d.detail, d.state, d.queued_at,
    q.next_attempt_at, d.attempts, d.attempted_at, d.duration, d.status, d.answer, d.error
    """
  /// How many they are.
  static let columnCount = 18
}

extension WebhookSettings {
  /// The topics as the column holds them.
  var topicsColumn: String {
    WebhookTopic.allCases.filter(topics.contains).map(\.rawValue).joined(separator: " ")
  }
}

extension Row {
  /// The columns `Webhook.columns`, of which the first is at an index.
  func webhook(at index: Int = 0) throws -> Webhook {
    let topics = (self[index + 4] as String).split(separator: " ").compactMap { WebhookTopic(rawValue: String($0)) }
    return Webhook(
      id: self[index], scope: try RepositoryScope(parsing: self[index + 1] as String),
      settings: try WebhookSettings(
        url: try WebhookURL(parsing: self[index + 2] as String), format: try value(at: index + 3), topics: Set(topics),
        isDisabled: self[index + 5]),
      madeAt: Timestamp(milliseconds: self[index + 6]), madeBy: self[index + 7])
  }

  /// The columns `WebhookDelivery.columns`.
  func webhookDelivery() throws -> WebhookDelivery {
    let repository: String = self[6]
    let state: WebhookDelivery.State = try value(at: 9)
    return WebhookDelivery(
      id: self[0], webhook: self[1],
      event: AuditEvent(
        id: self[2], at: Timestamp(milliseconds: self[3]), actor: Author(name: self[4]), action: try value(at: 5),
        outcome: .done, repository: repository.isEmpty ? nil : repository, subject: self[7],
        detail: try StringsColumn.decode(self[8])),
      state: state, queuedAt: Timestamp(milliseconds: self[10]),
      nextAttemptAt: state == .waiting ? (self[11] as Int64?).map(Timestamp.init(milliseconds:)) : nil,
      attempts: self[12],
      lastAttempt: (self[13] as Int64?).map { at in
        WebhookAttempt(
          at: Timestamp(milliseconds: at), milliseconds: self[14] ?? 0, status: self[15], answer: self[16],
          error: self[17])
      })
  }
}
