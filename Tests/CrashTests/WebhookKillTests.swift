import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@Suite("Webhooks of servers that are killed", .serialized)
struct WebhookKillTests {
  private static let rounds = 6
  private static let pushes = 20

  @Test("are told every event in the end, those of a repository in their order, while targets fail and servers die")
  func killed() async throws {
    var random = SeededNumbers.ofRun()
    let target = Target()
    try await withTemporaryFolder { folder in
      try await ScriptedServer.run {
        try target.answer($0)
      } _: { listener in
        let settings = ["--webhook-private-targets", "true"]
        var server = try await ServerProcess(data: "\(folder)/data", settings: settings)
        let webhook = #"""
          {"scope":"team","url":"http://127.0.0.1:\#(listener.port)/","secret":"a secret of sixteen","events":["tag"]}
          """#
        let made = try await server.send(.POST, "/api/v1/webhooks", body: Array(webhook.utf8))
        #expect(made.status == 201)
        var pushed: [String: [String]] = [:]
        for round in 0..<Self.rounds {
          target.isDown = round.isMultiple(of: 2)
          for number in 0..<Self.pushes {
            let repository = "team/\(Int.random(in: 0..<3, using: &random))"
            try await server.pushTag("v\(round)-\(number)", to: repository)
            pushed[repository, default: []].append("\(repository):v\(round)-\(number)")
          }
          await server.kill()
          server = try await ServerProcess(data: "\(folder)/data", settings: settings)
        }
        target.isDown = false
        let expected = Set(pushed.values.joined())
        while !expected.isSubset(of: target.taken) { await shortPause() }
        let taken = target.taken
        for (repository, subjects) in pushed {
          var seen: Set<String> = []
          let firsts = taken.filter { $0.hasPrefix("\(repository):") && seen.insert($0).inserted }
          #expect(firsts == subjects)
        }
        #expect(await server.stop() == 0)
        try await CrashRound.examine("\(folder)/data")
      }
    }
  }
}

/// A target that is down for a while, and remembers what it took.
private final class Target: Sendable {
  private struct State {
    var isDown = false
    var taken: [String] = []
  }

  private let state = Locked(State())

  var isDown: Bool {
    get { state.withLock(\.isDown) }
    set { state.withLock { $0.isDown = newValue } }
  }

  /// The subjects of what was taken, in its order.
  var taken: [String] { state.withLock(\.taken) }

  func answer(_ request: ScriptedServer.Request) throws -> ScriptedServer.Reply {
    let event = try JSONValue(parsing: request.body)
    return state.withLock { state in
      guard !state.isDown, case .string(let subject)? = event["subject"] else { return ScriptedServer.Reply(503) }
      state.taken.append(subject)
      return ScriptedServer.Reply(204)
    }
  }
}

extension ServerProcess {
  /// Pushes an image that nobody else has.
  fileprivate func pushTag(_ tag: String, to repository: String) async throws {
    let blobs = [Array("{}".utf8), Sample.newBytes(100)]
    for blob in blobs {
      let reply = try await send(.POST, "/v2/\(repository)/blobs/uploads/?digest=\(Digest.of(blob))", body: blob)
      #expect(reply.status == 201)
    }
    let reply = try await send(
      .PUT, "/v2/\(repository)/manifests/\(tag)", ["Content-Type": MediaType.ociManifest.value],
      body: Sample.image(layers: [blobs[1]]))
    #expect(reply.status == 201)
  }
}
