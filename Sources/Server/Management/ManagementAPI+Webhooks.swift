import Access
import Catalog
import HTTPTypes
import OCI
import Registry
import Webhooks

extension ManagementAPI {
  // MARK: Webhooks

  /// `GET` and `POST /api/v1/webhooks`.
  func webhooks(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    call.method == .post ? try await addWebhook(call, route) : try await listWebhooks(call)
  }

  private func listWebhooks(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    let (caller, control) = (call.caller, gate.control)
    let only = call.query["scope"] == nil ? nil : try scope(call.query["scope"])
    let after = try number("after", of: "a webhook", call)
    let found: [Webhook]
    do {
      found = try await catalog.webhooks(
        where: { webhook in
          (only == nil || webhook.scope == only) && control?.mayAdminister(webhook.scope, caller) ?? true
        }, after: after, limit: limit + 1)
    } catch {
      throw RegistryError(error)
    }
    var answer = Answer.json(JSONText.array(found.prefix(limit).map(\.json)))
    if found.count > limit {
      let scope = only.map { "scope=\(PercentEncoding.encode($0.description))&" } ?? ""
      answer.fields[.link] = Self.link(call, "\(scope)after=\(found[limit - 1].id)", limit)
    }
    return answer
  }

  private func addWebhook(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let scope = try scope(body.string("scope"))
    try requireAdministration(of: scope, call, to: "make a webhook of \(scope)")
    let settings = try Self.settings(body, over: nil)
    let secret = try Self.secret(body)
    try await requireReachable(settings.url)
    guard let secret else { preconditionFailure("the schema takes no body without a secret") }
    do {
      return .json(
        try await catalog.addWebhook(scope, settings, secret: secret, by: call.caller.actor).json, status: .created)
    } catch {
      throw RegistryError(error)
    }
  }

  /// `GET`, `PATCH` and `DELETE /api/v1/webhooks/{id}`.
  func webhook(_ id: Int64, _ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let webhook = try await knownWebhook(id, call)
    switch call.method {
    case .patch: return try await changeWebhook(webhook, call, route)
    case .delete:
      return try await answer(for: id) { () throws(CatalogError) in
        try await catalog.removeWebhook(id, by: call.caller.actor) ? Answer(.noContent) : nil
      }
    default: return .json(webhook.json)
    }
  }

  private func changeWebhook(
    _ webhook: Webhook, _ call: Call, _ route: ManagementRoute
  ) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let settings = try Self.settings(body, over: webhook.settings)
    let secret = try Self.secret(body)
    if settings.url != webhook.settings.url { try await requireReachable(settings.url) }
    return try await answer(for: webhook.id) { () throws(CatalogError) in
      try await catalog.changeWebhook(webhook.id, to: settings, secret: secret, by: call.caller.actor)
        .map { .json($0.json) }
    }
  }

  // MARK: Deliveries

  /// `POST /api/v1/webhooks/{id}/pings`.
  func pingWebhook(_ id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    let webhook = try await knownWebhook(id, call)
    guard !webhook.settings.isDisabled else {
      throw RegistryError(
        .denied, "the webhook \(id) is disabled: `berth webhook set \(id) --enable` has it told again", status: 409)
    }
    defer { webhooks.deliveries.wake() }
    return try await answer(for: id) { () throws(CatalogError) in
      try await catalog.pingWebhook(id, by: call.caller.actor).map { .json($0.json, status: .accepted) }
    }
  }

  /// `GET /api/v1/webhooks/{id}/deliveries`.
  func webhookDeliveries(of id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    let before = try number("before", of: "a delivery", call)
    _ = try await knownWebhook(id, call)
    let found: [WebhookDelivery]
    do {
      found = try await catalog.webhookDeliveries(of: id, before: before, limit: limit + 1)
    } catch {
      throw RegistryError(error)
    }
    var answer = Answer.json(JSONText.array(found.prefix(limit).map(\.json)))
    if found.count > limit { answer.fields[.link] = Self.link(call, "before=\(found[limit - 1].id)", limit) }
    return answer
  }

  /// `GET /api/v1/webhooks/{id}/deliveries/{delivery}`.
  func webhookDelivery(_ delivery: Int64, of id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    _ = try await knownWebhook(id, call)
    return try await answer(for: id, delivery) { () throws(CatalogError) in
      try await catalog.webhookDelivery(delivery, of: id).map { .json($0.json) }
    }
  }

  /// `POST /api/v1/webhooks/{id}/deliveries/{delivery}/attempts`.
  func redeliver(_ delivery: Int64, of id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    _ = try await knownWebhook(id, call)
    defer { webhooks.deliveries.wake() }
    return try await answer(for: id, delivery) { () throws(CatalogError) in
      try await catalog.redeliver(delivery, of: id, by: call.caller.actor).map { .json($0.json, status: .accepted) }
    }
  }

  // MARK: What both take

  /// A webhook that the caller may administer.
  private func knownWebhook(_ id: Int64, _ call: Call) async throws(RegistryError) -> Webhook {
    let webhook: Webhook?
    do {
      webhook = try await catalog.webhook(id)
    } catch {
      throw RegistryError(error)
    }
    guard let webhook, gate.control?.mayAdminister(webhook.scope, call.caller) ?? true else {
      throw Self.unknownWebhook(id)
    }
    return webhook
  }

  private func answer(
    for id: Int64, _ delivery: Int64? = nil, _ work: () async throws(CatalogError) -> Answer?
  ) async throws(RegistryError) -> Answer {
    let answer: Answer?
    do {
      answer = try await work()
    } catch {
      throw RegistryError(error)
    }
    if let answer { return answer }
    guard let delivery else { throw Self.unknownWebhook(id) }
    throw RegistryError(
      .nameUnknown, "the webhook \(id) has no delivery \(delivery); `berth webhook deliveries \(id)` shows those it has"
    )
  }

  private static func unknownWebhook(_ id: Int64) -> RegistryError {
    RegistryError(
      .nameUnknown, "there is no webhook \(id), or you may not see it; `berth webhook list` shows those you may")
  }

  /// Says at once what each attempt would fail with. A name that cannot be looked up now may be there later.
  private func requireReachable(_ url: WebhookURL) async throws(RegistryError) {
    do {
      _ = try await webhooks.addresses.address(for: url)
    } catch {
      if error.isForbidden { throw RegistryError(.denied, "url: \(error)", status: 400) }
    }
  }

  private func number(_ name: String, of what: String, _ call: Call) throws(RegistryError) -> Int64? {
    guard let text = call.query[name] else { return nil }
    guard let id = Int64(text), id > 0 else {
      throw RegistryError(.unsupported, "\(name) is the id of \(what)", status: 400)
    }
    return id
  }

  private static func secret(_ body: ManagementBody) throws(RegistryError) -> WebhookSecret? {
    guard let text = body.string("secret") else { return nil }
    do {
      return try WebhookSecret(parsing: text)
    } catch {
      throw RegistryError(.unsupported, "secret: \(error)", status: 400)
    }
  }

  private static func settings(
    _ body: ManagementBody, over old: WebhookSettings?
  ) throws(RegistryError) -> WebhookSettings {
    do {
      let url = try body.string("url").map { text throws(InvalidWebhookURL) in try WebhookURL(parsing: text) }
      guard let url = url ?? old?.url else { preconditionFailure("the schema takes no new webhook without a URL") }
      let topics = body.strings("events").map { words in Set(words.compactMap(WebhookTopic.init)) }
      let format = body.string("format").flatMap(WebhookFormat.init) ?? old?.format ?? .cloudevents
      // Another format has topics of its own.
      let standing = format == old?.format ? old?.topics : nil
      return try WebhookSettings(
        url: url, format: format, topics: topics ?? standing,
        isDisabled: body.bool("disabled") ?? old?.isDisabled ?? false)
    } catch {
      throw RegistryError(.unsupported, "\(error)", status: 400)
    }
  }
}

extension Webhook {
  fileprivate var json: String {
    JSONText.object([
      ("id", String(id)), ("scope", JSONText.string(scope.description)), ("url", JSONText.string(settings.url.text)),
      ("format", JSONText.string(settings.format.rawValue)),
      (
        "events",
        JSONText.array(
          WebhookTopic.allCases.filter(settings.topics.contains).map { JSONText.string($0.rawValue) })
      ),
      ("disabled", settings.isDisabled ? "true" : "false"), ("madeAt", JSONText.string(madeAt.rfc3339)),
      ("madeBy", JSONText.string(madeBy)),
    ])
  }
}

extension WebhookDelivery {
  fileprivate var json: String {
    let members: [(String, String?)] = [
      ("id", String(id)), ("event", String(event.id)), ("action", JSONText.string(event.action.rawValue)),
      ("repository", event.repository.map(JSONText.string)), ("subject", JSONText.string(event.subject)),
      ("at", JSONText.string(event.at.preciseRFC3339)), ("state", JSONText.string(state.rawValue)),
      ("queuedAt", JSONText.string(queuedAt.preciseRFC3339)), ("attempts", String(attempts)),
      ("nextAttemptAt", nextAttemptAt.map { JSONText.string($0.preciseRFC3339) }),
      ("attemptedAt", lastAttempt.map { JSONText.string($0.at.preciseRFC3339) }),
      ("milliseconds", lastAttempt.map { String($0.milliseconds) }),
      ("status", lastAttempt?.status.map { String($0) }), ("answer", lastAttempt?.answer.map(JSONText.string)),
      ("error", lastAttempt?.error.map(JSONText.string)),
    ]
    return JSONText.object(members.compactMap { name, value in value.map { (name, $0) } })
  }
}
