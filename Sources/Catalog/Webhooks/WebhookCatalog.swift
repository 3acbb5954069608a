public import OCI

/// Webhooks, what they have yet to be told, and what they were.
///
/// The audit trail is read as a feed, and what a webhook wants of it becomes a delivery, in the transaction that moves
/// the reader. Of one repository, or of what is about none, a webhook is told one thing after the other.
public protocol WebhookCatalog: Sendable {
  // MARK: Webhooks

  /// Makes a webhook, which is told of what happens from now on.
  func addWebhook(
    _ scope: RepositoryScope, _ settings: WebhookSettings, secret: WebhookSecret, by actor: Author
  ) async throws(CatalogError) -> Webhook

  /// A webhook.
  func webhook(_ id: Int64) async throws(CatalogError) -> Webhook?

  /// Webhooks that a rule of the caller's lets through, in the order in which they were made, after one.
  func webhooks(
    where isListed: @escaping @Sendable (Webhook) -> Bool, after: Int64?, limit: Int
  ) async throws(CatalogError) -> [Webhook]

  /// Changes a webhook. One that was disabled is not told of what happened while it was.
  ///
  /// - Parameter secret: nil leaves the one it has.
  /// - Returns: nil where there is none.
  func changeWebhook(
    _ id: Int64, to settings: WebhookSettings, secret: WebhookSecret?, by actor: Author
  ) async throws(CatalogError) -> Webhook?

  /// Removes a webhook with its deliveries.
  ///
  /// - Returns: whether there was one.
  func removeWebhook(_ id: Int64, by actor: Author) async throws(CatalogError) -> Bool

  // MARK: Deliveries

  /// Has a webhook told that somebody tries it.
  ///
  /// - Returns: nil where there is none.
  func pingWebhook(_ id: Int64, by actor: Author) async throws(CatalogError) -> WebhookDelivery?

  /// The deliveries of a webhook, the newest first, before one.
  func webhookDeliveries(
    of webhook: Int64, before: Int64?, limit: Int
  ) async throws(CatalogError) -> [WebhookDelivery]

  /// A delivery of a webhook.
  func webhookDelivery(_ id: Int64, of webhook: Int64) async throws(CatalogError) -> WebhookDelivery?

  /// Has a delivery made again, or tried at once where it waits.
  ///
  /// - Returns: nil where there is none.
  func redeliver(
    _ id: Int64, of webhook: Int64, by actor: Author
  ) async throws(CatalogError) -> WebhookDelivery?

  // MARK: Carrying them out

  /// Reads the feed on, makes deliveries of what webhooks want of it, and remembers how far it was read. Power loss may
  /// undo it, and then all of it.
  ///
  /// - Parameter event: an event that this reader has read; the catalogue need not know of that yet.
  /// - Returns: the last event that was read; nil where there is nothing to read.
  func queueWebhookDeliveries(after event: Int64, limit: Int) async throws(CatalogError) -> Int64?

  /// What is to be delivered at a moment: of each webhook and repository the first, what is due for longest before.
  ///
  /// - Parameters:
  ///   - busy: how many deliveries of which webhooks are under way; these may be among the answers.
  ///   - atOnce: how many deliveries of a webhook there may be at the same time.
  func dueWebhookDeliveries(
    at now: Timestamp, busy: [Int64: Int], atOnce: Int
  ) async throws(CatalogError) -> [DueWebhookDelivery]

  /// Records an attempt, and what follows from it. Power loss may undo it, and the delivery is then made again.
  func record(
    _ attempt: WebhookAttempt, of delivery: Int64, _ outcome: WebhookOutcome
  ) async throws(CatalogError)

  /// How much there is to deliver, for metrics.
  func webhookBacklog() async throws(CatalogError) -> WebhookBacklog
}

/// How much of what webhooks were told is remembered.
public enum WebhookLog {
  /// How many deliveries of a webhook that came to an end are remembered.
  public static let length = 1_000
  /// For how long.
  public static let age = Duration.seconds(30 * 86_400)
}
