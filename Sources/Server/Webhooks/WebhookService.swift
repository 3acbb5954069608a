import Logging
import ServiceLifecycle
import Webhooks

/// Tells webhooks what happens, as long as the server runs.
struct WebhookService: Service {
  let deliveries: WebhookDeliveries

  /// How often it is looked for what nobody told of: events of other changes, and deliveries whose time has come.
  private static let interval = Duration.seconds(1)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await deliveries.run() }
        group.addTask {
          deliveries.wake()
          while (try? await Task.sleep(for: Self.interval)) != nil { deliveries.wake() }
        }
      }
    }
  }
}
