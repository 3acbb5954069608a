extension API {
  struct NewWebhook: Encodable {
    let scope, url, secret: String
    let format: String?
    let events: [String]?
  }

  struct WebhookChange: Encodable {
    var url, secret, format: String?
    var events: [String]?
    var disabled: Bool?
  }

  struct Webhook: Decodable {
    let id: Int64
    let scope, url, format: String
    let events: [String]
    let disabled: Bool
    let madeAt, madeBy: String
  }

  struct WebhookDelivery: Decodable {
    let id, event: Int64
    let action: String
    let repository: String?
    let subject, at, state, queuedAt: String
    let attempts: Int
    let nextAttemptAt, attemptedAt: String?
    let milliseconds: Int64?
    let status: Int?
    let answer, error: String?
  }
}
