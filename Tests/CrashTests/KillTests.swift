import Foundation
import Locks
import TestSupport
import Testing

@Suite("A server that is killed", .serialized)
struct KillTests {
  /// `CRASH_KILLS`, or 200.
  private static let kills = ProcessInfo.processInfo.environment["CRASH_KILLS"].flatMap { Int($0) } ?? 200
  /// How many kills one data folder goes through.
  private static let killsOfFolder = 50
  private static let killsBetweenExaminations = 10

  @Test("keeps what it acknowledged, serves nothing in part, and brings back nothing that was deleted")
  func kills() async throws {
    var random = SeededNumbers.ofRun()
    var left = Self.kills
    while left > 0 {
      let kills = min(left, Self.killsOfFolder)
      try await withTemporaryFolder { folder in
        try await kill(kills, data: "\(folder)/data", &random)
      }
      left -= kills
    }
  }

  private func kill(_ kills: Int, data: String, _ random: inout SeededNumbers) async throws {
    let sharedTag = Locked(SharedTag())
    var clients = (0..<4).map { number in
      CrashClient(number: number, random: SeededNumbers(seed: random.next()), sharedTag: sharedTag)
    }
    for kill in 1...kills {
      if kill % 8 == 0 {
        let delay = Duration.milliseconds(Int.random(in: 0...150, using: &random))
        try await ServerProcess.startAndKill(data: data, after: delay)
      }
      let server = try await start(data)
      clients = try await check(clients, sharedTag, on: server)
      let count = Int.random(in: 1...60, using: &random)
      let delay = Duration.microseconds(Int.random(in: 0...10_000, using: &random))
      clients = try await CrashRound.run(clients, on: server) { acknowledgements in
        // A collection all the time, beside those that the server begins by itself; cancelled at the end of the scope.
        async let _ = collect(on: server)
        try await CrashRound.kill(server, after: acknowledgements, count: count, and: delay)
      }
      if kill % Self.killsBetweenExaminations == 0 { try await CrashRound.examine(data) }
    }
    let server = try await start(data)
    _ = try await check(clients, sharedTag, on: server)
    #expect(await server.stop() == 0)
    try await CrashRound.examine(data)
  }

  private func start(_ data: String) async throws -> ServerProcess {
    try await ServerProcess(
      data: data, settings: ["--gc-interval", "1s", "--gc-grace", "100ms", "--trash-window", "0s"])
  }

  private func check(
    _ clients: [CrashClient], _ sharedTag: Locked<SharedTag>, on server: ServerProcess
  ) async throws -> [CrashClient] {
    var tag = sharedTag.withLock { $0 }
    try await CrashClient.checkSharedTag(&tag, on: server)
    sharedTag.withLock { [tag] in $0 = tag }
    return try await CrashRound.check(clients, on: server)
  }

  /// Collects until the server is gone.
  private func collect(on server: ServerProcess) async {
    do {
      while true { try await server.collect(grace: "100ms") }
    } catch {
      // The server was killed.
    }
  }
}
