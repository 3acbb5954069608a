import ArgumentParser
import Foundation

/// `berth webhook ping`
struct WebhookPingCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Send a webhook something, and say how that went.")

  @OptionGroup var webhook: WebhookArgument
  @OptionGroup var connection: ConnectionOptions

  /// A little more than an attempt may last.
  private static let patience = Duration.seconds(15)

  func run(_ client: ManagementClient) async throws {
    var delivery: API.WebhookDelivery = try await client.send(.post("webhooks/\(webhook.id)/pings"))
    let end = ContinuousClock.now + Self.patience
    while delivery.attempts == 0, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(200))
      delivery = try await client.send(.get("webhooks/\(webhook.id)/deliveries/\(delivery.id)"))
    }
    guard delivery.attempts > 0 else {
      throw CommandFailure("it was not sent yet: `berth webhook deliveries \(webhook.id)` tells what it waits for")
    }
    if let error = delivery.error { throw CommandFailure(PlainText.line(error)) }
    print("the target answered \(delivery.status ?? 0) after \(delivery.milliseconds ?? 0) ms")
  }
}

/// `berth webhook deliveries`
struct WebhookDeliveriesCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries", abstract: "Show what a webhook is to be told and was told, the newest first.")

  @OptionGroup var webhook: WebhookArgument

  @Option(
    name: .customShort("n"),
    help: ArgumentHelp("How many, up to 1000.", valueName: "count"))
  var count = 20

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.get("webhooks/\(webhook.id)/deliveries", [("n", "\(count)")]))
    guard !output.json else { return print(try JSONOutput.pretty(bytes)) }
    var table = Table("ID", "AT", "ACTION", "REPOSITORY", "SUBJECT", "STATE", "ATTEMPTS", "STATUS", "ERROR")
    for delivery in try client.read(bytes, as: [API.WebhookDelivery].self) {
      table.add(
        "\(delivery.id)", delivery.at, delivery.action, delivery.repository ?? "", delivery.subject, delivery.state,
        "\(delivery.attempts)", delivery.status.map { "\($0)" } ?? "", delivery.error ?? "")
    }
    print(table.text)
  }
}

/// `berth webhook redeliver`
struct WebhookRedeliverCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "redeliver", abstract: "Have a delivery made again, or tried at once where it waits.")

  @OptionGroup var webhook: WebhookArgument

  @Argument(help: "The delivery's number, which `berth webhook deliveries` shows.")
  var delivery: Int64

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.post("webhooks/\(webhook.id)/deliveries/\(delivery)/attempts"))
    print("the delivery \(delivery) is made again")
  }
}
