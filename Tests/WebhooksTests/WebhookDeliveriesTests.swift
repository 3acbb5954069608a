import Catalog
import Locks
import OCI
import TestSupport
import Testing

@testable import Webhooks

@Suite("Deliveries to webhooks")
struct WebhookDeliveriesTests {
  @Test("a target that fails gets every event once it is back, those of a repository in their order")
  func outage() async throws {
    try await Stage.run { stage in
      try await stage.addWebhook("http://down.example.org/")
      stage.fail("down.example.org", times: 40)
      for round in 0..<10 {
        for repository in ["team/a", "team/b", "team/c"] { try await stage.move("v\(round)", in: repository) }
      }
      try await stage.delivered(30)
      for repository in ["team/a", "team/b", "team/c"] {
        let order = stage.taken.filter { $0.hasPrefix("\(repository):") }
        #expect(order == (0..<10).map { "\(repository):v\($0)" })
      }
      #expect(stage.deliveries.totals.retried == 40)
    }
  }

  @Test("a target that never answers holds no other up")
  func silence() async throws {
    try await Stage.run { stage in
      try await stage.addWebhook("http://silent.example.org/")
      try await stage.addWebhook("http://up.example.org/")
      for number in 0..<20 { try await stage.move("v1", in: "team/\(number)") }
      try await stage.delivered(20)
      #expect(stage.silent == WebhookDeliveries.atOnce)
    }
  }

  @Test("what is not taken within a day is given up, and what came later is delivered")
  func patience() async throws {
    try await Stage.run { stage in
      try await stage.addWebhook("http://up.example.org/")
      stage.fail("up.example.org", times: 1)
      stage.pass(.seconds(2 * 86_400))
      try await stage.move("old", in: "team/a")
      while stage.deliveries.totals.failed == 0 { await shortPause() }
      try await stage.move("new", in: "team/a")
      try await stage.delivered(1)
      #expect(stage.taken == ["team/a:new"])
    }
  }
}

/// Webhooks with a catalogue, a clock that can be put forward, and no pauses between attempts.
private final class Stage: WebhookTransport {
  /// What takes all of a pause away.
  private static let withoutPauses = -1.0

  private struct State {
    var ahead = Duration.zero
    var failing: [String: Int] = [:]
    var taken: [String] = []
    var silent = 0
  }

  private let scenario: CatalogScenario
  private let state = Locked(State())
  private let running = Locked<WebhookDeliveries?>(nil)

  private init(_ catalog: any Catalog) {
    scenario = CatalogScenario(catalog)
  }

  static func run(_ body: (Stage) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let catalog = try SQLiteCatalog(path: "\(folder)/catalog.sqlite")
      let stage = Stage(catalog)
      let deliveries = WebhookDeliveries(
        catalog, through: stage, from: "https://registry.example.org", now: { .now + stage.state.withLock(\.ahead) },
        jitter: { Stage.withoutPauses }, report: { Issue.record("\($0)") })
      stage.running.withLock { $0 = deliveries }
      let running = Task { await deliveries.run() }
      let outcome: Result<Void, any Error>
      do {
        outcome = .success(try await body(stage))
      } catch {
        outcome = .failure(error)
      }
      running.cancel()
      await running.value
      try await catalog.close()
      try outcome.get()
    }
  }

  var deliveries: WebhookDeliveries {
    guard let deliveries = running.withLock({ $0 }) else { preconditionFailure("the stage is set before it is used") }
    return deliveries
  }
  var taken: [String] { state.withLock(\.taken) }
  var silent: Int { state.withLock(\.silent) }

  func fail(_ host: String, times: Int) { state.withLock { $0.failing[host] = times } }

  /// Time passes.
  func pass(_ duration: Duration) { state.withLock { $0.ahead += duration } }

  func addWebhook(_ url: String) async throws {
    _ = try await scenario.catalog.addWebhook(
      .registry, try WebhookSettings(url: try WebhookURL(parsing: url), topics: [.tag]),
      secret: try WebhookSecret(parsing: "a secret of sixteen"), by: .somebody)
  }

  func move(_ tag: String, in repository: String) async throws {
    try await scenario.inside(repository).pushImage(["config", tag], tags: [tag])
    deliveries.wake()
  }

  /// Waits until targets took as many.
  func delivered(_ count: Int) async throws {
    while taken.count < count { await shortPause() }
  }

  func send(_ message: WebhookMessage, to url: WebhookURL) async throws(WebhookFailure) -> WebhookAnswer {
    if url.host == "silent.example.org" {
      state.withLock { $0.silent += 1 }
      _ = try? await Task.sleep(for: .seconds(3600))
      throw WebhookFailure("the test is over")
    }
    let isFailing = state.withLock { state in
      let left = state.failing[url.host, default: 0]
      state.failing[url.host] = max(0, left - 1)
      return left > 0
    }
    if isFailing { return WebhookAnswer(status: 503, beginning: "later") }
    guard let event = try? JSONValue(parsing: message.body), case .string(let subject)? = event["subject"] else {
      throw WebhookFailure("no event")
    }
    state.withLock { $0.taken.append(subject) }
    return WebhookAnswer(status: 204, beginning: "")
  }
}
