internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let webhooks: [CatalogSuite] = [
    CatalogSuite("a webhook is made, listed, changed and removed, which the audit trail tells without its secret") {
      scenario in
      let catalog = scenario.catalog
      let made = try await scenario.addWebhook("team", "https://hooks.example.org/path?token=hidden")
      let other = try await scenario.addWebhook("*")
      #expect(try await catalog.webhook(made.id) == made)
      #expect(try await catalog.webhooks(where: { _ in true }, after: nil, limit: 1) == [made])
      #expect(try await catalog.webhooks(where: { $0.scope == .registry }, after: nil, limit: 9) == [other])
      #expect(try await catalog.webhooks(where: { _ in true }, after: other.id, limit: 9) == [])
      let changed = try WebhookSettings(url: made.settings.url, format: .package, isDisabled: true)
      let secret = try WebhookSecret(parsing: "another secret of it")
      let now = try await catalog.changeWebhook(made.id, to: changed, secret: secret, by: .somebody)
      #expect(now?.settings == changed && now?.madeAt == made.madeAt)
      #expect(try await catalog.webhook(made.id) == now)
      #expect(try await catalog.removeWebhook(made.id, by: .somebody))
      #expect(try await !catalog.removeWebhook(made.id, by: .somebody))
      #expect(try await catalog.changeWebhook(made.id, to: changed, secret: nil, by: .somebody) == nil)
      let trail = try await catalog.auditEvents(AuditQuery(limit: 9))
      #expect(trail.map(\.action) == [.webhookRemove, .webhookChange, .webhookAdd, .webhookAdd])
      #expect(trail[1].detail["secret"] == "changed" && trail[3].detail["url"] == "https://hooks.example.org")
      #expect(!"\(trail)".contains("hidden") && !"\(trail)".contains("another secret"))
    },
    CatalogSuite("a webhook is told what it asked for, of its scope, since it was made and while it is not disabled") {
      scenario in
      let (catalog, elsewhere) = (scenario.catalog, scenario.inside("other/app"))
      try await scenario.pushImage(["config"], tags: ["before"])
      let all = try await scenario.addWebhook("*")
      let team = try await scenario.addWebhook("team", topics: [.tag])
      let app = try await scenario.addWebhook("team/app", topics: [.push, .delete])
      let late = try await scenario.addWebhook("team", isDisabled: true)
      let image = try await scenario.pushImage(["config", "layer"], tags: ["v1"])
      try await elsewhere.pushImage(["config"], tags: ["v2"])
      try await scenario.delete(image)
      try await scenario.queueWebhooks()
      let enabled = try WebhookSettings(url: late.settings.url)
      _ = try await catalog.changeWebhook(late.id, to: enabled, secret: nil, by: .somebody)
      try await scenario.pushImage(["config", "more"], tags: ["v3"])
      try await scenario.queueWebhooks()
      let told = { (webhook: Webhook) in
        try await catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 99).reversed().map {
          "\($0.event.action.rawValue) \($0.event.repository ?? "")"
        }
      }
      let push = ["manifest.push team/app", "tag.move team/app"]
      let other = ["manifest.push other/app", "tag.move other/app"]
      #expect(try await told(all) == push + other + ["manifest.delete team/app"] + push)
      #expect(try await told(team) == ["tag.move team/app", "tag.move team/app"])
      #expect(try await told(app) == [push[0], "manifest.delete team/app", push[0]])
      #expect(try await told(late) == push)
    },
    CatalogSuite("in GitHub's shape a push to a tag is told once, by the tag, and one without a tag by itself") {
      scenario in
      let webhook = try await scenario.addWebhook("team", format: .registryPackage)
      let image = try await scenario.pushImage(["config"], tags: ["v1"])
      let next = try await scenario.pushImage(["config", "layer"])
      _ = try await scenario.catalog.deleteTag(.named("v1"), in: scenario.repository, by: .somebody)
      try await scenario.queueWebhooks()
      let told = try await scenario.catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 9).reversed()
      #expect(told.map(\.event.action) == [.tagMove, .manifestPush])
      #expect(told.map(\.event.manifest) == [image.digest, next.digest])
    },
    CatalogSuite("what is delivered has all that it takes, and comes in order for each repository") { scenario in
      let catalog = scenario.catalog
      let webhook = try await scenario.addWebhook("*", topics: [.tag])
      for tag in ["a", "b"] { try await scenario.pushImage(["config", tag], tags: [tag]) }
      try await scenario.inside("team/other").pushImage(["config"], tags: ["c"])
      try await scenario.queueWebhooks()
      let first = try await scenario.dueWebhooks()
      #expect(first.map(\.delivery.event.subject).sorted() == ["a", "c"])
      let due = try #require(first.first { $0.delivery.event.subject == "a" })
      #expect(due.settings == webhook.settings && due.secret.reveal() == CatalogScenario.webhookSecret)
      #expect(due.manifest?.stored.digest == due.delivery.event.manifest && due.repository != nil)
      #expect(due.delivery.event.actor == Author(name: "somebody") && due.delivery.event.detail["to"] != nil)
      #expect(try await scenario.dueWebhooks(busy: [webhook.id: 4]) == [])
      try await scenario.attempt(due, .retried(at: .farFuture), error: "down")
      #expect(try await scenario.dueWebhooks().map(\.delivery.event.subject) == ["c"])
      let waiting = try #require(try await catalog.webhookDelivery(due.delivery.id, of: webhook.id))
      #expect(waiting.state == .waiting && waiting.attempts == 1 && waiting.lastAttempt?.error == "down")
      #expect(waiting.nextAttemptAt == .farFuture)
      #expect(try await catalog.webhookBacklog().waiting == 3)
      try await scenario.attempt(due, .delivered)
      #expect(try await Set(scenario.dueWebhooks().map(\.delivery.event.subject)) == ["b", "c"])
      for due in try await scenario.dueWebhooks() { try await scenario.attempt(due, .delivered) }
      #expect(try await scenario.dueWebhooks() == [])
      #expect(try await catalog.webhookBacklog() == WebhookBacklog(waiting: 0, oldest: nil))
      let log = try await catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 9)
      #expect(log.allSatisfy { $0.state == .delivered && $0.lastAttempt?.status == 204 && $0.nextAttemptAt == nil })
      #expect(try await catalog.webhookDeliveries(of: webhook.id, before: log[1].id, limit: 9) == [log[2]])
    },
    CatalogSuite("what is given up takes along what waited behind it for as long, and leaves what came later") {
      scenario in
      let webhook = try await scenario.addWebhook("team", topics: [.tag])
      for tag in ["a", "b"] { try await scenario.pushImage(["config", tag], tags: [tag]) }
      try await scenario.queueWebhooks()
      let due = try #require(try await scenario.dueWebhooks().first)
      let moment = Timestamp.now
      while Timestamp.now <= moment { await Task.yield() }
      try await scenario.pushImage(["config", "c"], tags: ["c"])
      try await scenario.queueWebhooks()
      try await scenario.attempt(due, .givenUp(queuedBy: moment), error: "down for long")
      #expect(try await scenario.dueWebhooks().map(\.delivery.event.subject) == ["c"])
      let log = try await scenario.catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 9)
      #expect(log.map(\.state) == [.waiting, .failed, .failed])
      #expect(log.map(\.attempts) == [0, 0, 1])
    },
    CatalogSuite("a delivery is made again when somebody asks, and before what waits behind it") { scenario in
      let catalog = scenario.catalog
      let webhook = try await scenario.addWebhook("team", topics: [.tag])
      for tag in ["a", "b"] { try await scenario.pushImage(["config", tag], tags: [tag]) }
      try await scenario.queueWebhooks()
      let first = try #require(try await scenario.dueWebhooks().first)
      try await scenario.attempt(first, .delivered)
      let again = try await catalog.redeliver(first.delivery.id, of: webhook.id, by: .somebody)
      #expect(again?.state == .waiting && again?.attempts == 0)
      #expect(try await scenario.dueWebhooks().map(\.delivery.id) == [first.delivery.id])
      try await scenario.attempt(first, .retried(at: .farFuture))
      #expect(try await scenario.dueWebhooks() == [])
      #expect(try await catalog.redeliver(first.delivery.id, of: webhook.id, by: .somebody)?.attempts == 1)
      #expect(try await scenario.dueWebhooks().map(\.delivery.id) == [first.delivery.id])
      #expect(try await catalog.redeliver(first.delivery.id, of: webhook.id + 1, by: .somebody) == nil)
      #expect(try await catalog.auditEvents(AuditQuery(limit: 1)).map(\.action) == [.webhookRedeliver])
    },
    CatalogSuite("a ping is a delivery like any other, and waits for no repository's") { scenario in
      let catalog = scenario.catalog
      let webhook = try await scenario.addWebhook("team")
      try await scenario.pushImage(["config"], tags: ["a"])
      try await scenario.queueWebhooks()
      for due in try await scenario.dueWebhooks() { try await scenario.attempt(due, .retried(at: .farFuture)) }
      let ping = try await catalog.pingWebhook(webhook.id, by: .somebody)
      #expect(ping?.event.action == .webhookPing && ping?.event.subject == "\(webhook.id)")
      #expect(try await scenario.dueWebhooks().map(\.delivery.id) == [ping?.id])
      #expect(try await catalog.auditEvents(AuditQuery(limit: 1)).map(\.id) == [ping?.event.id])
      #expect(try await catalog.pingWebhook(webhook.id + 1, by: .somebody) == nil)
    },
    CatalogSuite("downloads are events where a webhook of the repository asks for them, and are not where none does") {
      scenario in
      let catalog = scenario.catalog
      let image = try await scenario.pushImage(["config"], tags: ["a"])
      let pulls = [
        ManifestPulls(
          manifest: RepositoryDigest(repository: scenario.repository, digest: image.digest), last: .now, downloads: 3)
      ]
      _ = try await scenario.addWebhook("other", topics: [.pull])
      let webhook = try await scenario.addWebhook("team", topics: [.push])
      try await catalog.recordPulls(pulls)
      let asking = try WebhookSettings(url: webhook.settings.url, topics: [.pull])
      _ = try await catalog.changeWebhook(webhook.id, to: asking, secret: nil, by: .somebody)
      try await catalog.recordPulls(pulls)
      try await catalog.recordPulls([ManifestPulls(manifest: pulls[0].manifest, last: .now, downloads: 0)])
      try await scenario.queueWebhooks()
      let told = try await catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 9)
      #expect(told.map(\.event.action) == [.pull] && told[0].event.manifest == image.digest)
      #expect(told[0].event.detail == ["downloads": "3"])
    },
    CatalogSuite("a retention run is told to its own scope and to the registry's webhooks") { scenario in
      let (all, team) = (try await scenario.addWebhook("*"), try await scenario.addWebhook("team"))
      let catalog = scenario.catalog
      for scope in ["team", "other"] {
        try await catalog.record([
          AuditEvent(actor: .berth, action: .retentionApply, outcome: .done, subject: scope, detail: ["run": "1"])
        ])
      }
      try await scenario.queueWebhooks()
      #expect(try await catalog.webhookDeliveries(of: all.id, before: nil, limit: 9).count == 2)
      #expect(try await catalog.webhookDeliveries(of: team.id, before: nil, limit: 9).map(\.event.subject) == ["team"])
    },
    CatalogSuite("events are kept for webhooks that have not read them, and for nobody where there are none") {
      scenario in
      let catalog = scenario.catalog
      let remove = { try await catalog.removeAuditEvents(before: .farFuture, limit: 99) }
      try await scenario.pushImage(["config"])
      #expect(try await remove() > 0)
      let webhook = try await scenario.addWebhook("team")
      #expect(try await remove() == 0)
      try await scenario.pushImage(["config"], tags: ["a"])
      #expect(try await remove() == 0)
      try await scenario.queueWebhooks()
      #expect(try await remove() > 0)
      try await scenario.pushImage(["config"], tags: ["b"])
      #expect(try await catalog.removeWebhook(webhook.id, by: .somebody))
      #expect(try await remove() > 0)
      #expect(try await catalog.queueWebhookDeliveries(after: 0, limit: 9) == nil)
    },
    CatalogSuite("events that nobody wants are read without being remembered each time") { scenario in
      let catalog = scenario.catalog
      _ = try await scenario.addWebhook("team")
      let start = try await catalog.position(of: .webhooks)
      try await scenario.record(["a", "b"])
      let last = try #require(try await catalog.queueWebhookDeliveries(after: 0, limit: 9))
      #expect(try await catalog.position(of: .webhooks) == start)
      #expect(try await catalog.queueWebhookDeliveries(after: last, limit: 9) == nil)
    },
    CatalogSuite("an owner that is deleted leaves no webhook behind") { scenario in
      let catalog = scenario.catalog
      try await scenario.makeOrganization("team")
      let (webhook, other) = (try await scenario.addWebhook("team/app"), try await scenario.addWebhook("*"))
      _ = try await catalog.pingWebhook(webhook.id, by: .somebody)
      _ = try await catalog.deleteAccount(.named("team"), by: .somebody)
      #expect(try await catalog.webhooks(where: { _ in true }, after: nil, limit: 9) == [other])
      #expect(try await catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 9) == [])
    },
    CatalogSuite("of deliveries that came to an end the last thousand are remembered") { scenario in
      let catalog = scenario.catalog
      let webhook = try await scenario.addWebhook("team", topics: [.pull])
      let events = (0..<WebhookLog.length + 5).map { number in
        AuditEvent(actor: .berth, action: .pull, outcome: .done, repository: "team/\(number)", subject: "x")
      }
      try await catalog.record(events)
      try await scenario.queueWebhooks()
      var due = try await scenario.dueWebhooks(atOnce: 2_000)
      #expect(due.count == events.count)
      let last = due.removeLast()
      for due in due { try await scenario.attempt(due, .delivered) }
      try await scenario.attempt(last, .retried(at: .farFuture))
      let log = try await catalog.webhookDeliveries(of: webhook.id, before: nil, limit: 2_000)
      #expect(log.count { $0.state == .delivered } == WebhookLog.length)
      #expect(log.contains { $0.id == last.delivery.id })
    },
  ]
}

extension CatalogScenario {
  static let webhookSecret = "a secret of sixteen"

  func addWebhook(
    _ scope: String, _ url: String = "https://hooks.example.org/berth", format: WebhookFormat = .cloudevents,
    topics: Set<WebhookTopic>? = nil, isDisabled: Bool = false
  ) async throws -> Webhook {
    try await catalog.addWebhook(
      try RepositoryScope(parsing: scope),
      try WebhookSettings(
        url: try WebhookURL(parsing: url), format: format, topics: topics, isDisabled: isDisabled),
      secret: try WebhookSecret(parsing: Self.webhookSecret), by: .somebody)
  }

  /// Reads the feed to its end.
  func queueWebhooks() async throws {
    var last: Int64 = 0
    while let read = try await catalog.queueWebhookDeliveries(after: last, limit: 3) { last = read }
  }

  func dueWebhooks(busy: [Int64: Int] = [:], atOnce: Int = 4) async throws -> [DueWebhookDelivery] {
    try await catalog.dueWebhookDeliveries(at: .now, busy: busy, atOnce: atOnce)
  }

  func attempt(_ due: DueWebhookDelivery, _ outcome: WebhookOutcome, error: String? = nil) async throws {
    try await catalog.record(
      WebhookAttempt(at: .now, milliseconds: 1, status: error == nil ? 204 : nil, error: error), of: due.delivery.id,
      outcome)
  }
}
