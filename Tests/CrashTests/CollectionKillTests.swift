import Foundation
import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@Suite("A collection that is killed", .serialized)
struct CollectionKillTests {
  private static let garbage = 3000

  @Test("is finished by the next ones while pushes go on, and takes nothing that is needed")
  func killed() async throws {
    var random = SeededNumbers.ofRun()
    try await withTemporaryFolder { folder in
      let data = "\(folder)/data"
      let garbage = (0..<Self.garbage).map { Blob(Array("garbage \($0)".utf8)) }
      try await push(garbage, data)
      let sharedTag = Locked(SharedTag())
      var clients = (0..<2).map { number in
        CrashClient(number: number, random: SeededNumbers(seed: random.next()), sharedTag: sharedTag)
      }

      var present = garbage.count
      for _ in 0..<6 {
        let server = try await start(data)
        clients = try await CrashRound.check(clients, on: server)
        let steps = Int.random(in: 1...12, using: &random)
        clients = try await CrashRound.run(clients, on: server) { _ in
          try await killDuringCollection(server, afterSteps: steps)
        }
        try await CrashRound.examine(data)
        let now = garbage.count { isStored($0.digest, in: data) }
        #expect(now <= present)
        present = now
      }

      let server = try await start(data)
      clients = try await CrashRound.check(clients, on: server)
      var last = ""
      try await server.collect(grace: "0s") { last = $0 }
      #expect(last.hasSuffix(#""done":true}"#))
      _ = try await CrashRound.check(clients, on: server)
      for blob in garbage {
        guard isStored(blob.digest, in: data) else { continue }
        Issue.record("\(blob.digest) was to be collected")
      }
      #expect(try await server.send(.HEAD, "/v2/crash/garbage/blobs/\(garbage[0].digest)").status == 404)
      #expect(await server.stop() == 0)
      try await CrashRound.examine(data)
    }
  }

  /// Pushes blobs that no manifest will need.
  private func push(_ garbage: [Blob], _ data: String) async throws {
    let server = try await start(data)
    try await withThrowingTaskGroup { group in
      for part in 0..<8 {
        group.addTask {
          for index in stride(from: part, to: garbage.count, by: 8) {
            let blob = garbage[index]
            let reply = try await server.send(
              .POST, "/v2/crash/garbage/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
            guard reply.status == 201 else { throw UnexpectedReply(reply) }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(await server.stop() == 0)
  }

  private func killDuringCollection(_ server: ServerProcess, afterSteps count: Int) async throws {
    struct Enough: Error {}
    var left = count
    do {
      try await server.collect(grace: "100ms") { _ in
        left -= 1
        if left == 0 { throw Enough() }
      }
    } catch is Enough {}
    await server.kill()
  }

  /// A server that collects when it is asked to.
  private func start(_ data: String) async throws -> ServerProcess {
    try await ServerProcess(data: data, settings: ["--gc-interval", "1d", "--gc-grace", "1h", "--trash-window", "0s"])
  }

  private func isStored(_ digest: Digest, in data: String) -> Bool {
    FileManager.default.fileExists(
      atPath: "\(data)/blobs/\(digest.algorithm.rawValue)/\(digest.hex.prefix(2))/\(digest.hex)")
  }
}
