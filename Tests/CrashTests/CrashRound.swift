import NIOConcurrencyHelpers
import TestSupport
import Testing

/// One life of a server: clients work on it until it is killed.
enum CrashRound {
  /// Lets clients work until `end` returns, which ought to have killed the server.
  ///
  /// - Parameter end: is told of each thing that was acknowledged.
  /// - Returns: the clients, with what they know.
  static func run(
    _ clients: [CrashClient], on server: ServerProcess, until end: @Sendable (AsyncStream<Void>) async throws -> Void
  ) async throws -> [CrashClient] {
    let (acknowledgements, source) = AsyncStream.makeStream(of: Void.self)
    return try await withThrowingTaskGroup(of: CrashClient.self) { group in
      for client in clients {
        group.addTask {
          defer { source.finish() }
          return await client.working(on: server) { source.yield() }
        }
      }
      let result: Result<Void, any Error>
      do {
        result = .success(try await end(acknowledgements))
      } catch {
        result = .failure(error)
        await server.kill()
      }
      // What waits for an answer or a connection need not wait on.
      group.cancelAll()
      let survivors = try await group.reduce(into: []) { $0.append($1) }
      try result.get()
      return survivors
    }
  }

  /// Kills a server when so many things were acknowledged, and a little later.
  static func kill(
    _ server: ServerProcess, after acknowledgements: AsyncStream<Void>, count: Int, and delay: Duration
  ) async throws {
    var left = count
    for await _ in acknowledgements {
      left -= 1
      if left <= 0 { break }
    }
    #expect(left <= 0, "the clients ended before the server was killed")
    try await Task.sleep(for: delay)
    await server.kill()
  }

  /// Checks all clients at the same time.
  static func check(_ clients: [CrashClient], on server: ServerProcess) async throws -> [CrashClient] {
    try await withThrowingTaskGroup(of: CrashClient.self) { group in
      for client in clients {
        group.addTask {
          var client = client
          try await client.check(server)
          return client
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  /// Runs the doctor on a folder that no server holds.
  static func examine(_ data: String) async throws {
    let (status, output) = try await ServerProcess.run("doctor", "--data", data)
    #expect(status == 0, "\(output)")
  }
}

extension CrashClient {
  /// Works until there is no answer any more.
  fileprivate func working(on server: ServerProcess, acknowledged: () -> Void) async -> CrashClient {
    var client = self
    do {
      while !Task.isCancelled {
        try await client.step(on: server)
        acknowledged()
      }
    } catch let error as UnexpectedReply {
      Issue.record("\(repository): \(error)")
    } catch {
      // The server was killed; what the request did is in doubt.
    }
    return client
  }
}
