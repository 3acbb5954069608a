import Catalog
import HTTPTypes

extension Operation {
  /// Who is told what happens.
  static let webhooks: [Operation] = [
    Operation(
      method: .get, template: "webhooks", id: "listWebhooks",
      about: "Webhooks that the caller may administer, without their secrets, in the order in which they were made.",
      query: [
        Parameter(name: "scope", kind: .string, about: "Only those of this scope."),
        Parameter(name: "after", kind: .integer, about: "Only webhooks with a higher id, for the next page."),
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
      ], status: 200, result: .array(.object(.webhook))),
    Operation(
      method: .post, template: "webhooks", id: "addWebhook",
      about: "Make a webhook, which is told of what happens from then on.", body: .newWebhook, status: 201,
      result: .object(.webhook)),
    Operation(
      method: .get, template: "webhooks/{id}", id: "getWebhook", about: "A webhook, without its secret.", status: 200,
      result: .object(.webhook)),
    Operation(
      method: .patch, template: "webhooks/{id}", id: "changeWebhook",
      about: "Change a webhook; what is left out stays. What happened while it was disabled is not for it.",
      body: .webhookChange, status: 200, result: .object(.webhook)),
    Operation(
      method: .delete, template: "webhooks/{id}", id: "removeWebhook",
      about: "Remove a webhook with its deliveries, those that wait included.", status: 204),
    Operation(
      method: .post, template: "webhooks/{id}/pings", id: "pingWebhook",
      about: "Have a webhook told that somebody tries it; the delivery tells how that went.", status: 202,
      result: .object(.webhookDelivery)),
    Operation(
      method: .get, template: "webhooks/{id}/deliveries", id: "listWebhookDeliveries",
      about: "What a webhook is to be told and was told, the newest first: the last 1000 of 30 days.",
      query: [
        Parameter(name: "before", kind: .integer, about: "Only deliveries with a lower id, for the next page."),
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
      ], status: 200, result: .array(.object(.webhookDelivery))),
    Operation(
      method: .get, template: "webhooks/{id}/deliveries/{delivery}", id: "getWebhookDelivery", about: "A delivery.",
      status: 200, result: .object(.webhookDelivery)),
    Operation(
      method: .post, template: "webhooks/{id}/deliveries/{delivery}/attempts", id: "redeliver",
      about: "Have a delivery made again, or tried at once where it waits.", status: 202,
      result: .object(.webhookDelivery)),
  ]
}

extension Schema {
  private static let topics = Kind.array(.words(WebhookTopic.allCases.map(\.rawValue)))
  private static let format = Kind.words(WebhookFormat.allCases.map(\.rawValue))
  private static let standardTopics = "What it is told of; all that the format can tell but pulls where it is left out."

  static let newWebhook = Schema(
    "NewWebhook",
    [
      .required("scope", .string, "team for all of an owner's repositories, team/api for one, * for all."),
      .required("url", .string, "Where requests go, http or https."),
      .required("secret", .string, "What signs them, from 16 to 256 bytes. It is not shown again."),
      .optional("format", format, "What their bodies are; cloudevents where it is left out."),
      .optional("events", topics, standardTopics),
      .optional("disabled", .boolean, "Whether it rests."),
    ])

  static let webhookChange = Schema(
    "WebhookChange",
    [
      .optional("url", .string, "Where requests go."),
      .optional("secret", .string, "What signs them from now on."),
      .optional("format", format, "What their bodies are."),
      .optional("events", topics, "What it is told of."),
      .optional("disabled", .boolean, "Whether it rests: nothing is sent, and what happens meanwhile is not for it."),
    ])

  static let webhook = Schema(
    "Webhook",
    [
      .required("id", .integer, "The number."),
      .required("scope", .string, "Whose events it is told."),
      .required("url", .string, "Where requests go."),
      .required("format", format, "What their bodies are."),
      .required("events", topics, "What it is told of."),
      .required("disabled", .boolean, "Whether it rests."),
      .required("madeAt", .dateTime, "Since when it is there."),
      .required("madeBy", .string, "Who made it."),
    ])

  static let webhookDelivery = Schema(
    "WebhookDelivery",
    [
      .required("id", .integer, "The number, higher for later ones."),
      .required("event", .integer, "The number of the event in the audit trail."),
      .required("action", .words(AuditEvent.Action.allCases.map(\.rawValue)), "What was done."),
      .optional("repository", .string, "The repository that it is about."),
      .required("subject", .string, "What it is about."),
      .required("at", .dateTime, "When that was."),
      .required("state", .words(WebhookDelivery.State.allCases.map(\.rawValue)), "What has become of it."),
      .required("queuedAt", .dateTime, "Since when it waits, or did."),
      .required("attempts", .integer, "How often it was tried."),
      .optional("nextAttemptAt", .dateTime, "When it, or what is before it of the same repository, is tried."),
      .optional("attemptedAt", .dateTime, "When it was tried last."),
      .optional("milliseconds", .integer, "How long that took."),
      .optional("status", .integer, "The status of the answer."),
      .optional("answer", .string, "How the answer began."),
      .optional("error", .string, "Why it did not succeed."),
    ])
}
