import Access
import Catalog
import OCI
import TestSupport
import Testing

@testable import Server
@testable import Webhooks

@Suite("Requests to webhooks' targets")
struct WebhookClientTests {
  private let loopback = ClientAddress(ipv4: 0x7f00_0001)

  private func message() throws -> WebhookMessage {
    let event = AuditEvent(actor: .berth, action: .webhookPing, outcome: .done, subject: "1")
    return WebhookMessage(
      DueWebhookDelivery(
        delivery: WebhookDelivery(
          id: 1, webhook: 1, event: event, state: .waiting, queuedAt: .now, nextAttemptAt: .now, attempts: 0,
          lastAttempt: nil),
        settings: try WebhookSettings(url: try WebhookURL(parsing: "http://hooks.example.org")),
        secret: try WebhookSecret(parsing: "a secret of sixteen")),
      from: "http://registry")
  }

  private func send(
    to url: String, standingFor addresses: [ClientAddress], allowsPrivate: Bool = true,
    patience: Duration = .seconds(600)
  ) async throws -> WebhookAnswer {
    let targets = TargetAddresses(allowsPrivate: allowsPrivate) { (_: String) throws(WebhookFailure) in addresses }
    let client = WebhookClient(addresses: targets, patience: patience)
    return try await client.send(try message(), to: try WebhookURL(parsing: url))
  }

  @Test("go to the address that was looked at, under the name of the URL")
  func address() async throws {
    try await ScriptedServer.run { _ in
      ScriptedServer.Reply(204)
    } _: { target in
      let answer = try await send(to: "http://hooks.example.org:\(target.port)/a?b=c", standingFor: [loopback])
      #expect(answer == WebhookAnswer(status: 204, beginning: ""))
      #expect(target.requests.map { $0["Host"] } == ["hooks.example.org:\(target.port)"])
      #expect(target.requests.map(\.target) == ["/a?b=c"])
    }
  }

  @Test("are not made where the name stands for an address that may not be reached, though it did not when it was set")
  func rebinding() async throws {
    try await ScriptedServer.run { _ in
      ScriptedServer.Reply(204)
    } _: { target in
      for addresses in [[loopback], [ClientAddress(ipv4: 0x0808_0808), loopback]] {
        let failure = await #expect(throws: WebhookFailure.self) {
          try await send(
            to: "http://hooks.example.org:\(target.port)/", standingFor: addresses, allowsPrivate: false)
        }
        #expect(failure?.isForbidden == true)
      }
      let client = WebhookClient(addresses: TargetAddresses(allowsPrivate: false))
      let url = try WebhookURL(parsing: "http://localhost:\(target.port)/")
      await #expect(throws: WebhookFailure.self) { try await client.send(try message(), to: url) }
      #expect(target.requests.isEmpty)
    }
  }

  @Test("follow no redirect")
  func redirects() async throws {
    try await ScriptedServer.run { request in
      ScriptedServer.Reply(request.target == "/" ? 307 : 200, [("Location", "/elsewhere")])
    } _: { target in
      let answer = try await send(to: "http://hooks.example.org:\(target.port)/", standingFor: [loopback])
      #expect(answer.status == 307 && target.requests.count == 1)
    }
  }

  @Test("read no more of an answer than the log keeps")
  func longAnswers() async throws {
    try await ScriptedServer.run { _ in
      ScriptedServer.Reply(200, body: Array(repeating: UInt8(ascii: "a"), count: 10 << 20))
    } _: { target in
      let answer = try await send(to: "http://hooks.example.org:\(target.port)/", standingFor: [loopback])
      #expect(answer.beginning == String(repeating: "a", count: 1024))
    }
  }

  @Test("end when the target does not answer in time, and where nobody listens")
  func failures() async throws {
    try await ScriptedServer.run { _ in
      try await Task.sleep(for: .seconds(3600))
      return ScriptedServer.Reply(200)
    } _: { target in
      let silent = await #expect(throws: WebhookFailure.self) {
        try await send(
          to: "http://hooks.example.org:\(target.port)/", standingFor: [loopback], patience: .milliseconds(100))
      }
      #expect(silent?.description.contains("did not answer") == true)
    }
    let absent = await #expect(throws: WebhookFailure.self) {
      try await send(to: "http://hooks.example.org:1/secret", standingFor: [loopback])
    }
    #expect(absent?.description.contains("was not reached") == true && absent?.description.contains("secret") == false)
  }
}
