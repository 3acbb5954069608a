import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite("Requests that fail")
struct RetryTests {
  private let policy = RetryPolicy(attempts: 4, firstDelay: .seconds(1), longestRetryAfter: .seconds(60))

  private func tags(
    _ server: ScriptedServer, _ time: FakeTime, _ policy: RetryPolicy
  ) async throws -> Result<Int, RegistryClientError> {
    try await withClient(time: time, retries: policy) { client in
      do {
        return .success(try await client.repository("a/b", port: server.port).tags().all().count)
      } catch let error as RegistryClientError {
        return .failure(error)
      }
    }
  }

  @Test("what may pass is asked again", arguments: [408, 429, 500, 502, 503, 504])
  func transient(_ status: Int) async throws {
    let time = FakeTime()
    let count = Locked(0)
    try await ScriptedServer.run(answering: { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return number < 4 ? .init(status) : .init(200, body: Array(#"{"tags":["a"]}"#.utf8))
    }) { server in
      let received = try await tags(server, time, policy).get()
      #expect(received == 1)
      #expect(time.pauses.count == 3)
    }
  }

  @Test("what a registry says of an error comes through whole up to a bound", arguments: [(8192, ""), (8193, "…")])
  func message(_ length: Int, _ end: String) async throws {
    let said = #"the rule "keep" \ \#(String(repeating: "x", count: length - 18))"#
    let body = JSONText.object([
      ("errors", JSONText.array([JSONText.object([("code", #""DENIED""#), ("message", JSONText.string(said))])]))
    ])
    try await ScriptedServer.run(answering: { _ in .init(403, body: Array(body.utf8)) }) { server in
      guard case .failure(let error) = try await tags(server, FakeTime(), policy) else {
        Issue.record("it succeeded")
        return
      }
      #expect(error.message.hasSuffix(": 403 DENIED: \(said.prefix(8192))\(end)"))
    }
  }

  @Test(
    "what does not pass is not asked again",
    arguments: [
      (400, RegistryClientError.Code.refused), (403, .denied), (404, .notFound), (405, .unsupported), (413, .refused),
    ])
  func final(_ status: Int, _ code: RegistryClientError.Code) async throws {
    let time = FakeTime()
    let body = Array(#"{"errors":[{"code":"DENIED","message":"because\u0007"}]}"#.utf8)
    try await ScriptedServer.run(answering: { _ in .init(status, body: body) }) { server in
      guard case .failure(let error) = try await tags(server, time, policy) else {
        Issue.record("it succeeded")
        return
      }
      #expect(error.code == code && error.status == status)
      #expect(error.message.hasSuffix("did not list the tags of a/b: \(status) DENIED: because\\u{7}"))
      #expect(server.requests.count == 1 && time.pauses.isEmpty)
    }
  }

  @Test("Retry-After is obeyed, and not waited for where it is too long", arguments: [(30, true), (61, false)])
  func retryAfter(_ seconds: Int, _ isObeyed: Bool) async throws {
    let time = FakeTime()
    try await ScriptedServer.run(answering: { _ in .init(429, [("Retry-After", "\(seconds)")]) }) { server in
      guard case .failure(let error) = try await tags(server, time, policy) else {
        Issue.record("it succeeded")
        return
      }
      #expect(error.code == .tooManyRequests && error.retryAfter == .seconds(seconds))
      #expect(time.pauses == (isObeyed ? [Duration](repeating: .seconds(30), count: 3) : []))
    }
  }

  @Test("nobody there is an error that says so, after the attempts")
  func unreachable() async throws {
    let time = FakeTime()
    try await withClient(time: time, retries: policy) { client in
      let error = await #expect(throws: RegistryClientError.self) {
        _ = try await client.repository("a/b", port: 1).tags().all()
      }
      #expect(error?.code == .unavailable && error?.host == "127.0.0.1:1" && error?.status == nil)
    }
    #expect(time.pauses.count == 3)
  }

  @Test("no more requests than the limit go to a host at a time, in the order of their coming")
  func limit() async throws {
    let limit = RequestLimit(3)
    let origin = try #require(WebAddress("http://a/")).origin
    let running = Locked((now: 0, most: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await limit.run(at: origin) {
            running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            await Task.yield()
            running.withLock { $0.now -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.withLock { $0.most <= 3 && $0.now == 0 })
  }

  @Test("who is cancelled while waiting leaves the line")
  func cancelled() async throws {
    let limit = RequestLimit(1)
    let origin = try #require(WebAddress("http://a/")).origin
    try await limit.run(at: origin) {
      let waiting = Task { try await limit.run(at: origin) {} }
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
    try await limit.run(at: origin) {}
  }

  @Test("plain HTTP where TLS should be is an error that is not tried again")
  func plainServerOverTLS() async throws {
    try await ScriptedServer.run(answering: { _ in .init(200) }) { server in
      let endpoints = TestEndpoints(endpoints: [RegistryEndpoint(scheme: .https, host: "127.0.0.1:\(server.port)")])
      try await withClient(endpoints: endpoints, retries: policy) { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("a/b", port: server.port).tags().all()
        }
        #expect(error?.code == .tls)
      }
    }
  }

  @Test("a registry over plain HTTP that is configured as insecure is found behind its HTTPS endpoint, and kept to")
  func insecure() async throws {
    try await ScriptedServer.run(answering: { _ in .init(200, body: Array(#"{"tags":["a"]}"#.utf8)) }) { server in
      let host = "127.0.0.1:\(server.port)"
      let endpoints = TestEndpoints(endpoints: [
        RegistryEndpoint(scheme: .https, host: host, tls: TLSSettings(verifies: false)),
        RegistryEndpoint(scheme: .http, host: host),
      ])
      try await withClient(endpoints: endpoints) { client in
        let repository = try client.repository("a/b", port: server.port)
        for _ in 0..<3 {
          let tags = try await repository.tags().all()
          #expect(tags.count == 1)
        }
      }
    }
  }

  @Test("an upload that cannot be begun is not begun again", arguments: [1, 2 << 20])
  func refusedUpload(_ size: Int) async throws {
    let time = FakeTime()
    let bytes = [UInt8](repeating: 1, count: size)
    try await ScriptedServer.run(answering: { _ in .init(404) }) { server in
      try await withClient(time: time) { client in
        let error = await #expect(throws: RegistryClientError.self) {
          try await client.repository("a/b", port: server.port).upload(
            try Descriptor(of: bytes), from: { ByteStream(bytes, from: $0) })
        }
        #expect(error?.code == .notFound)
      }
      #expect(server.requests.count == 1 && time.pauses.isEmpty)
    }
  }

  @Test("a registry that is asked with credentials is waited for until it says how it lets in")
  func busyPing() async throws {
    let time = FakeTime()
    let count = Locked(0)
    try await ScriptedServer.run(answering: { request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number < 3 { return .init(503) }
      return request["Authorization"] == nil
        ? .init(401, [("WWW-Authenticate", "Basic")]) : .init(200, body: Array(#"{"tags":["a"]}"#.utf8))
    }) { server in
      try await withClient(.password(user: "a", password: "b"), time: time, retries: policy) { client in
        let tags = try await client.repository("a/b", port: server.port).tags().all()
        #expect(tags.count == 1)
      }
      #expect(server.requests.map { $0["Authorization"] != nil } == [false, false, false, true])
    }
  }
}
