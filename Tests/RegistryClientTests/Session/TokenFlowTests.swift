import Foundation
import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

/// A registry with a token service, both made for a test: tokens are `token-1`, `token-2`, …
private final class TokenRegistry: Sendable {
  struct State: Sendable {
    var made = 0
    var valid: Set<String> = []
    var asked: [ScriptedServer.Request] = []
  }

  let state = Locked(State())
  /// Whether the token service gives tokens for what is shown there.
  let letsIn: @Sendable (ScriptedServer.Request) -> Bool

  init(lettingIn letsIn: @escaping @Sendable (ScriptedServer.Request) -> Bool = { _ in true }) {
    self.letsIn = letsIn
  }

  func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    guard request.target.hasPrefix("/v2/") else { return token(request) }
    let shown = request["Authorization"]?.replacing("Bearer ", with: "") ?? ""
    guard state.withLock({ $0.valid.contains(shown) }) else {
      let realm = "http://\(request["Host"] ?? "")/token"
      return .init(401, [("WWW-Authenticate", "Bearer realm=\"\(realm)\",service=\"test\"")])
    }
    return .init(200, body: Array(#"{"tags":["a"]}"#.utf8))
  }

  private func token(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    let allowed = letsIn(request)
    return state.withLock { state in
      state.asked.append(request)
      guard allowed else { return .init(401) }
      state.made += 1
      state.valid.insert("token-\(state.made)")
      return .init(200, body: Array(#"{"token":"token-\#(state.made)","expires_in":300}"#.utf8))
    }
  }
}

@Suite("Tokens")
struct TokenFlowTests {
  private let password = RegistryCredential.password(user: "ann", password: "secret word")

  @Test("nobody's token is asked for without credentials, somebody's with Basic, both with service and scope")
  func get() async throws {
    for (credential, shown) in [
      (nil, nil), (password, "Basic " + Data("ann:secret word".utf8).base64EncodedString()),
    ] as [(RegistryCredential?, String?)] {
      let registry = TokenRegistry()
      try await ScriptedServer.run(answering: { registry.answer($0) }) { server in
        try await withClient(credential) { client in
          let tags = try await client.repository("team/app", port: server.port).tags().all()
          #expect(tags.map(\.value) == ["a"])
        }
      }
      let asked = registry.state.withLock { $0.asked }
      #expect(asked.count == 1 && asked[0].method == .GET)
      #expect(asked[0]["Authorization"] == shown)
      #expect(asked[0].target.hasPrefix("/token?service=test&scope=repository%3Ateam%2Fapp%3Apull"))
    }
  }

  @Test("an identity token is exchanged as OAuth 2.0 has it")
  func refreshToken() async throws {
    let registry = TokenRegistry()
    try await ScriptedServer.run(answering: { registry.answer($0) }) { server in
      try await withClient(.identityToken("ref&resh")) { client in
        _ = try await client.repository("team/app", port: server.port).tags().all()
      }
    }
    let asked = registry.state.withLock { $0.asked }
    #expect(asked.map(\.method) == [.POST])
    #expect(
      String(decoding: asked[0].body, as: UTF8.self)
        == "service=test&grant_type=refresh_token&client_id=berth&refresh_token=ref%26resh"
        + "&scope=repository%3Ateam%2Fapp%3Apull")
    #expect(asked[0]["Authorization"] == nil)
  }

  @Test("many who want the same token wait for one, and it is used until shortly before it ends")
  func cached() async throws {
    let registry = TokenRegistry()
    let time = FakeTime()
    try await ScriptedServer.run(answering: { registry.answer($0) }) { server in
      try await withClient(password, time: time) { client in
        let repository = try client.repository("team/app", port: server.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<20 { group.addTask { _ = try await repository.tags().all() } }
          try await group.waitForAll()
        }
        #expect(registry.state.withLock { $0.made } == 1)
        time.advance(.seconds(200))
        _ = try await repository.tags().all()
        #expect(registry.state.withLock { $0.made } == 1)
        time.advance(.seconds(80))
        _ = try await repository.tags().all()
        #expect(registry.state.withLock { $0.made } == 2)
      }
    }
  }

  @Test("a token that is not taken any more is replaced once, and then it is an error that says what was refused")
  func revoked() async throws {
    let registry = TokenRegistry()
    try await ScriptedServer.run(answering: { registry.answer($0) }) { server in
      try await withClient(password) { client in
        let repository = try client.repository("team/app", port: server.port)
        _ = try await repository.tags().all()
        registry.state.withLock { $0.valid = [] }
        _ = try await repository.tags().all()
        #expect(registry.state.withLock { $0.made } == 2)
      }
    }
    try await ScriptedServer.run(answering: { request in
      let reply = registry.answer(request)
      return request.target.hasPrefix("/v2/team/")
        ? .init(401, [("WWW-Authenticate", "Bearer realm=\"http://\(request["Host"] ?? "")/token\"")]) : reply
    }) { server in
      try await withClient(password) { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("team/app", port: server.port).tags().all()
        }
        #expect(error?.code == .unauthorized && error?.status == 401)
        #expect(error?.message.contains("team/app") == true)
        #expect(error?.message.contains("secret") == false)
      }
    }
  }

  @Test("credentials that a token service refuses are an error that names it")
  func refused() async throws {
    let registry = TokenRegistry { $0["Authorization"] == nil }
    try await ScriptedServer.run(answering: { registry.answer($0) }) { server in
      try await withClient(password) { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("team/app", port: server.port).tags().all()
        }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("repository:team/app:pull") == true)
        #expect(error?.message.contains("secret") == false)
      }
    }
    #expect(registry.state.withLock { $0.asked.count } == 1)
  }

  @Test("a mount asks for both repositories")
  func mountScopes() async throws {
    let registry = TokenRegistry()
    try await ScriptedServer.run(answering: { request in
      let reply = registry.answer(request)
      return request.method == .POST && request["Authorization"] != nil ? .init(201) : reply
    }) { server in
      try await withClient(password) { client in
        let source = try RepositoryName(parsing: "team/base")
        let repository = try client.repository("team/app", port: server.port)
        #expect(try await repository.mount(Digest.of([]), from: source))
      }
    }
    let asked = registry.state.withLock { $0.asked.last?.target }
    #expect(
      asked?.contains("scope=repository%3Ateam%2Fapp%3Apull%2Cpush&scope=repository%3Ateam%2Fbase%3Apull") == true)
  }

  @Test("a token service over plain HTTP on another machine is shown nothing")
  func plainRealm() async throws {
    try await ScriptedServer.run(answering: { _ in
      .init(401, [("WWW-Authenticate", "Bearer realm=\"http://tokens.example.org/token\"")])
    }) { server in
      try await withClient(password) { client in
        let error = await #expect(throws: RegistryClientError.self) {
          try await client.registry(try RegistryHost(parsing: "127.0.0.1:\(server.port)")).ping()
        }
        #expect(error?.code == .unauthorized && error?.message.contains("has to be https") == true)
      }
    }
  }

  @Test("Basic is shown where it is asked for, once")
  func basic() async throws {
    try await ScriptedServer.run(answering: { request in
      request["Authorization"] == nil
        ? .init(401, [("WWW-Authenticate", "Basic realm=\"x\"")]) : .init(200, body: Array(#"{"tags":null}"#.utf8))
    }) { server in
      try await withClient(password) { client in
        let repository = try client.repository("team/app", port: server.port)
        #expect(try await repository.tags().all() == [])
        #expect(try await repository.tags().all() == [])
        #expect(server.requests.filter { $0["Authorization"] == nil }.map(\.target) == ["/v2/"])
      }
    }
  }

  @Test("the credentials of a registry are no mirror's")
  func mirrorCredentials() async throws {
    struct OwnOnly: CredentialSource {
      let own: RegistryHost
      func credential(for host: RegistryHost, repository: RepositoryName?) -> RegistryCredential? {
        host == own ? .registryToken("own") : nil
      }
    }
    try await ScriptedServer.run(answering: { _ in .init(404) }) { mirror in
      try await ScriptedServer.run(answering: { _ in .init(200, body: Array(#"{"tags":[]}"#.utf8)) }) { server in
        let host = try RegistryHost(parsing: "127.0.0.1:\(server.port)")
        let endpoints = TestEndpoints(endpoints: [
          RegistryEndpoint(scheme: .http, host: "127.0.0.1:\(mirror.port)", isMirror: true),
          RegistryEndpoint(scheme: .http, host: "\(host)"),
        ])
        let client = try RegistryClient(.init(credentials: OwnOnly(own: host), endpoints: endpoints))
        _ = try await client.repository(try RepositoryName(parsing: "a/b"), at: host).tags().all()
        try await client.shutdown()
        #expect(mirror.requests.map { $0["Authorization"] } == [nil])
        #expect(server.requests.map { $0["Authorization"] }.last == "Bearer own")
      }
    }
  }
}

@Suite("Access control of a real registry", .liveServerWithAccounts)
struct AccessControlTests {
  @Test("a member pushes and pulls by password, and others are told to log in")
  func roles() async throws {
    let server = LiveServer.current
    let team = try await server.makeOrganization()
    let writer = try await server.makeMember("write", of: team)
    let blob = Sample.newBytes(3_000_000)
    let descriptor = try Descriptor(of: blob)
    try await withClient(.password(user: writer.name, password: LiveServer.password)) { client in
      let repository = try client.repository("\(team)/app", port: server.port)
      try await repository.upload(descriptor, from: { ByteStream(blob, from: $0) })
      #expect(try await repository.hasBlob(descriptor.digest) == descriptor.size)
      #expect(try await repository.blob(descriptor).bytes() == blob)
      let other = try client.repository("\(team)/other", port: server.port)
      #expect(try await other.mount(descriptor.digest, from: repository.name))
      try await client.registry(repository.host).verify(.password(user: writer.name, password: LiveServer.password))
      let error = await #expect(throws: RegistryClientError.self) {
        try await client.registry(repository.host).verify(.password(user: writer.name, password: "wrong"))
      }
      #expect(error?.code == .unauthorized)
    }
    try await withClient { client in
      let error = await #expect(throws: RegistryClientError.self) {
        _ = try await client.repository("\(team)/app", port: server.port).blob(descriptor)
      }
      #expect(error?.code == .unauthorized)
    }
  }
}
