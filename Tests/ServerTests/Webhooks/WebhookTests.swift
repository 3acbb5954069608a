import Catalog
import Crypto
import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import Server

@Suite(
  "Webhooks",
  .liveServer { settings in
    settings.access = .accounts
    settings.webhookPrivateTargets = true
  })
struct WebhookTests {
  private let server = LiveServer.current

  /// A target that answers 503 as often as it is told, and then takes everything.
  private func withTarget(
    failing: Int = 0, _ body: (ScriptedServer, _ url: String) async throws -> Void
  ) async throws {
    try await withTarget(failing: failing) { target, url, _ in try await body(target, url) }
  }

  /// As `withTarget`, of a target that says what it took.
  private func withTarget(
    failing: Int, _ body: (ScriptedServer, _ url: String, _ taken: () -> [ScriptedServer.Request]) async throws -> Void
  ) async throws {
    let state = Locked((left: failing, taken: [ScriptedServer.Request]()))
    try await ScriptedServer.run { request in
      let isFailing = state.withLock { state in
        state.left -= 1
        if state.left < 0 { state.taken.append(request) }
        return state.left >= 0
      }
      return ScriptedServer.Reply(isFailing ? 503 : 200, body: Array("thanks for nothing".utf8))
    } _: { target in
      try await body(target, "http://127.0.0.1:\(target.port)/hook?key=value") { state.withLock(\.taken) }
    }
  }

  private func subjects(_ requests: some Sequence<ScriptedServer.Request>) throws -> [String] {
    try requests.map { request in
      guard case .string(let subject)? = try JSONValue(parsing: request.body)["subject"] else { return "" }
      return subject
    }
  }

  @Test("an owner is told when a quota is exceeded, once")
  func quota() async throws {
    let team = try await server.makeOrganization()
    _ = try await server.mustManage(.PUT, "quotas", #"{"scope":"\#(team)","limit":1}"#)
    try await withTarget(failing: 0) { _, url, taken in
      _ = try await server.newWebhook(team, url, #","events":["quota","tag"]"#)
      for _ in 0..<2 {
        let refused = try await server.send(
          .POST, "/v2/\(team)/a/blobs/uploads/?digest=\(Digest.of([1, 2, 3]))", as: try server.administrator,
          body: [1, 2, 3])
        #expect(refused.status == 403)
      }
      _ = try await server.mustManage(.PUT, "quotas", #"{"scope":"\#(team)","limit":1000000}"#)
      _ = try await server.pushNewImage(to: "\(team)/b", tag: "v1")
      while taken().count < 2 { await shortPause() }
      let told = try taken().compactMap { request in
        let event = try JSONValue(parsing: request.body)
        return event["type"] == .string("org.berth.quota.exceeded") ? event["data"] : nil
      }
      #expect(told.count == 1)
      #expect(told.first?["scope"] == .string(team) && told.first?["repository"] == .string("\(team)/a"))
      #expect(told.first?["limit"] == .integer(1) && told.first?["needed"] == .integer(3))
    }
  }

  @Test("a target that fails for a while gets every event once it is back, signed, and in order for each repository")
  func outage() async throws {
    let team = try await server.makeOrganization()
    try await withTarget(failing: 5) { target, url, taken in
      _ = try await server.newWebhook(team, url, #","events":["tag","delete"]"#)
      for tag in ["v1", "v2", "v3"] {
        for repository in ["a", "b"] { _ = try await server.pushNewImage(to: "\(team)/\(repository)", tag: tag) }
      }
      try await server.send(.DELETE, "/v2/\(team)/a/manifests/v1", as: try server.administrator)
      while taken().count < 7 { await shortPause() }
      for (repository, tags) in [("a", ["v1", "v2", "v3", "v1"]), ("b", ["v1", "v2", "v3"])] {
        let expected = tags.map { "\(team)/\(repository):\($0)" }
        #expect(try subjects(taken()).filter { $0.hasPrefix("\(team)/\(repository):") } == expected)
      }
      for request in target.requests {
        let code = HMAC<SHA256>.authenticationCode(
          for: request.body, using: SymmetricKey(data: Array(LiveServer.webhookSecret.utf8)))
        let digits = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        #expect(request["X-Hub-Signature-256"] == "sha256=\(digits)")
        #expect(request.method == .POST && request.target == "/hook?key=value")
        #expect(request["Content-Type"] == "application/cloudevents+json; charset=utf-8")
      }
    }
  }

  @Test("a delivery is logged with how it went, and made again, the same, when somebody asks")
  func redelivery() async throws {
    let team = try await server.makeOrganization()
    try await withTarget { target, url in
      let webhook = try await server.newWebhook(team, url, #","format":"registry_package""#)
      _ = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
      while target.requests.isEmpty { await shortPause() }
      let delivery = try await finished(webhook.path)
      #expect(delivery["state"] == .string("delivered") && delivery["status"] == .integer(200))
      #expect(delivery["answer"] == .string("thanks for nothing") && delivery["attempts"] == .integer(1))
      #expect(delivery["action"] == .string("tag.move") && delivery["subject"] == .string("v1"))
      guard case .integer(let id)? = delivery["id"] else { throw UnexpectedValue() }
      try await server.mustManage(.POST, "\(webhook.path)/deliveries/\(id)/attempts")
      while target.requests.count < 2 { await shortPause() }
      let (first, second) = (target.requests[0], target.requests[1])
      #expect(first.body == second.body && first["X-GitHub-Delivery"] == second["X-GitHub-Delivery"])
      #expect(first["X-GitHub-Event"] == "registry_package" && first["X-GitHub-Hook-ID"] == "\(webhook.id)")
      #expect(first["X-Hub-Signature-256"] == second["X-Hub-Signature-256"])
    }
  }

  @Test("a webhook whose target never answers holds no other up")
  func silence() async throws {
    let team = try await server.makeOrganization()
    try await ScriptedServer.run { _ in
      try await Task.sleep(for: .seconds(3600))
      return ScriptedServer.Reply(200)
    } _: { silent in
      try await withTarget { target, url in
        _ = try await server.newWebhook(team, "http://127.0.0.1:\(silent.port)/", #","events":["tag"]"#)
        _ = try await server.newWebhook(team, url, #","events":["tag"]"#)
        for number in 0..<10 { _ = try await server.pushNewImage(to: "\(team)/\(number)", tag: "v1") }
        while target.requests.count < 10 { await shortPause() }
        while silent.requests.isEmpty { await shortPause() }
      }
    }
  }

  @Test("a ping tells how the target answers, and a webhook that is disabled is told nothing")
  func ping() async throws {
    let team = try await server.makeOrganization()
    try await withTarget { target, url in
      let webhook = try await server.newWebhook(team, url)
      try await server.mustManage(.POST, "\(webhook.path)/pings")
      while target.requests.isEmpty { await shortPause() }
      #expect(try JSONValue(parsing: target.requests[0].body)["type"] == .string("org.berth.webhook.pinged"))
      try await server.mustManage(.PATCH, webhook.path, #"{"disabled":true}"#)
      let refused = try await server.manage(.POST, "\(webhook.path)/pings")
      #expect(refused.status == 409 && refused.text.contains("berth webhook set \(webhook.id) --enable"))
    }
  }

  @Test("neither the secret nor what follows the host in a URL is told by the API's lists, errors or the audit trail")
  func secrecy() async throws {
    let team = try await server.makeOrganization()
    let webhook = try await server.newWebhook(team, "http://127.0.0.1:1/hidden-path")
    let replies = [
      try await server.mustManage(.GET, "webhooks?n=1000"), try await server.mustManage(.GET, webhook.path),
      try await server.mustManage(.PATCH, webhook.path, #"{"secret":"another secret of it"}"#),
      try await server.mustManage(.GET, "audit?n=1000"),
    ]
    for reply in replies {
      #expect(!reply.text.contains(LiveServer.webhookSecret) && !reply.text.contains("another secret of it"))
    }
    let trail = replies[3].text
    #expect(trail.contains("webhook.add") && trail.contains("webhook.change") && !trail.contains("hidden-path"))
    let metrics = try await server.send(.GET, "/metrics", as: try server.administrator).text
    for name in ["berth_webhook_waiting", "berth_webhook_oldest_age_seconds", #"outcome="retried""#] {
      #expect(metrics.contains(name))
    }
  }

  @Test(
    "what makes no webhook is told with what would be right",
    arguments: [
      (#"{"scope":"team","url":"ftp://x","secret":"a secret of sixteen"}"#, "http or https"),
      (#"{"scope":"Team","url":"http://127.0.0.1/","secret":"a secret of sixteen"}"#, "a scope is written"),
      (#"{"scope":"*","url":"http://127.0.0.1/","secret":"short"}"#, "16 to 256 bytes"),
      (#"{"scope":"*","url":"http://127.0.0.1/"}"#, "lacks secret"),
      (
        #"{"scope":"*","url":"http://127.0.0.1/","secret":"a secret of sixteen","format":"package","events":["pull"]}"#,
        "tells of push, tag"
      ),
    ])
  func mistakes(_ json: String, _ message: String) async throws {
    let reply = try await server.manage(.POST, "webhooks", json)
    #expect(reply.status == 400 && reply.text.contains(message), "\(reply.text)")
    #expect(!reply.text.contains("a secret of"))
  }

  @Test("addresses that are not public are refused where the setting does not allow them, names of such as well")
  func privateTargets() async throws {
    try await LiveServer.run { server in
      for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"] {
        let body = Array(LiveServer.newWebhookJSON("*", "http://\(host):9/").utf8)
        let reply = try await server.send(.POST, "/api/v1/webhooks", body: body)
        #expect(reply.status == 400 && reply.text.contains("webhook-private-targets"), "\(reply.text)")
      }
    }
  }

  /// The one delivery of a webhook, once it has come to an end.
  private func finished(_ webhook: String) async throws -> JSONValue {
    while true {
      let reply = try await server.mustManage(.GET, "\(webhook)/deliveries")
      guard case .array(let all) = try JSONValue(parsing: reply.body), let one = all.first else { continue }
      if one["state"] != .string("waiting") { return one }
    }
  }

  private struct UnexpectedValue: Error {}
}
