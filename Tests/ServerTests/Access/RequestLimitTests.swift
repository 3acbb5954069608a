import Access
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Limits of requests and pulls")
struct RequestLimitTests {
  private func withServer(
    _ configure: (inout Settings) -> Void, _ body: (LiveServer) async throws -> Void
  ) async throws {
    let proxies = try TrustedProxies(parsing: "127.0.0.1")
    try await LiveServer.run(
      configure: { settings in
        settings.access = .accounts
        settings.trustedProxies = proxies
        configure(&settings)
      }, body)
  }

  private func from(_ address: String) -> [(String, String)] { [("X-Forwarded-For", address)] }

  /// What the limit says is left, such as `2;w=21600`.
  private func remaining(_ reply: Reply) -> String? { reply["ratelimit-remaining"] }

  @Test("a pull is a GET of a manifest, by account; a HEAD is free, and the answers say how many are left")
  func accounts() async throws {
    let limit = try RateLimit(count: 3, window: .seconds(21_600))
    try await withServer({ $0.rateLimitPulls = limit }) { server in
      let (user, other) = (try await server.makeUser(), try await server.makeUser())
      let image = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
      try await server.setVisibility("internal", of: "\(user.name)/tool")
      let target = "/v2/\(user.name)/tool/manifests/v1"
      let token = try await server.makeToken(of: user.name, scopes: ["read:packages"])
      let access = try await server.accessToken(as: user.login, scopes: ["repository:\(user.name)/tool:pull"])
      for (left, login) in zip([2, 1, 0], [user.login, token.login, access.login]) {
        let head = try await server.send(.HEAD, target, as: login)
        #expect(head.status == 200 && remaining(head) == "\(left + 1);w=21600")
        let reply = try await server.send(.GET, target, as: login)
        #expect(reply.status == 200 && remaining(reply) == "\(left);w=21600")
        #expect(reply["ratelimit-limit"] == "3;w=21600" && reply["docker-ratelimit-source"] == user.name)
      }
      let refused = try await server.send(.GET, target, as: user.login)
      #expect(refused.status == 429 && refused.isError(.tooManyRequests))
      let wait = try #require(refused["Retry-After"].flatMap { Int($0) })
      #expect((1...21_601).contains(wait))
      let head = try await server.send(.HEAD, target, as: user.login)
      #expect(head.status == 200 && remaining(head) == "0;w=21600")
      #expect(
        try await server.send(.GET, "/v2/\(user.name)/tool/blobs/\(image.layer)", as: user.login).status == 200)
      #expect(try await server.send(.GET, "/v2/\(user.name)/tool/tags/list", as: user.login).status == 200)
      #expect(try await server.send(.GET, target, as: other.login).status == 200)
    }
  }

  @Test("who may not pull is told that, and not how many pulls are left")
  func refused() async throws {
    let limit = try RateLimit(count: 1, window: .seconds(60))
    try await withServer({ settings in
      settings.rateLimitPulls = limit
      settings.rateLimitAnonymousPulls = limit
    }) { server in
      let (owner, stranger) = (try await server.makeUser(), try await server.makeUser())
      _ = try await server.pushNewImage(to: "\(owner.name)/tool", tag: "v1", as: owner.login)
      for _ in 0..<3 {
        for (login, status) in [(stranger.login, 403), (.nobody, 401)] {
          let reply = try await server.send(.GET, "/v2/\(owner.name)/tool/manifests/v1", as: login)
          #expect(reply.status == status && reply["ratelimit-limit"] == nil)
        }
      }
    }
  }

  @Test("without an account pulls are counted by address, and IPv6 addresses by /64")
  func addresses() async throws {
    let limit = try RateLimit(count: 2, window: .seconds(60))
    try await withServer({ $0.rateLimitAnonymousPulls = limit }) { server in
      let user = try await server.makeUser()
      _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
      try await server.setVisibility("public", of: "\(user.name)/tool")
      let target = "/v2/\(user.name)/tool/manifests/v1"
      let pulls = [
        ("2001:db8:0:1::1", 200, "2001:db8:0:1::/64"), ("2001:db8:0:1:ffff::2", 200, "2001:db8:0:1::/64"),
        ("2001:db8:0:1::3", 429, ""), ("2001:db8:0:2::1", 200, "2001:db8:0:2::/64"), ("192.0.2.1", 200, "192.0.2.1"),
        ("::ffff:192.0.2.1", 200, "192.0.2.1"), ("192.0.2.1", 429, ""), ("192.0.2.2", 200, "192.0.2.2"),
      ]
      for (address, status, source) in pulls {
        let reply = try await server.send(.GET, target, from(address))
        #expect(reply.status == status, "\(address)")
        #expect(reply["docker-ratelimit-source"] ?? "" == source)
      }
      // A token that nobody in particular asked for changes nothing; one of an account does.
      let access = try await server.accessToken(as: .nobody, scopes: ["repository:\(user.name)/tool:pull"])
      #expect(try await server.send(.GET, target, as: access.login, from("192.0.2.1")).status == 429)
      #expect(try await server.send(.GET, target, as: user.login, from("192.0.2.1")).status == 200)
    }
  }

  @Test("requests are counted by account and by address, wrong logins among them; health is not")
  func requests() async throws {
    let limit = try RateLimit(count: 5, window: .seconds(3600))
    try await withServer({ $0.rateLimitRequests = limit }) { server in
      for _ in 0..<3 { #expect(try await server.send(.GET, "/v2/", from("192.0.2.1")).status == 401) }
      for _ in 0..<2 {
        let reply = try await server.send(.GET, "/v2/", as: .token("nonsense"), from("192.0.2.1"))
        #expect(reply.status == 401)
      }
      for login in [Login.nobody, .token("nonsense")] {
        let reply = try await server.send(.GET, "/v2/", as: login, from("192.0.2.1"))
        #expect(reply.status == 429 && reply.isError(.tooManyRequests) && reply["Retry-After"] != nil)
      }
      #expect(try await server.send(.GET, "/healthz", from("192.0.2.1")).status == 200)
      #expect(try await server.send(.GET, "/v2/", from("192.0.2.2")).status == 401)
      // An account has a count of its own, wherever it is.
      let administrator = try server.administrator
      for count in 1...6 {
        let reply = try await server.send(.GET, "/v2/", as: administrator, from("192.0.2.\(count)"))
        #expect(reply.status == (count <= 5 ? 200 : 429))
      }
    }
  }

  @Test("X-Forwarded-For of whoever is no proxy is not believed")
  func untrusted() async throws {
    let limit = try RateLimit(count: 2, window: .seconds(3600))
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.rateLimitRequests = limit
    }) { server in
      for count in 1...3 {
        let reply = try await server.send(.GET, "/v2/", from("192.0.2.\(count)"))
        #expect(reply.status == (count <= 2 ? 401 : 429))
      }
    }
  }

  @Test("where access is open pulls are counted by address")
  func openAccess() async throws {
    let limit = try RateLimit(count: 1, window: .seconds(60))
    try await LiveServer.run(configure: { $0.rateLimitAnonymousPulls = limit }) { server in
      try await server.pushImage(to: "a", as: "v1")
      let first = try await server.send(.GET, "/v2/a/manifests/v1")
      #expect(first.status == 200 && first["docker-ratelimit-source"] == "127.0.0.1")
      #expect(try await server.send(.GET, "/v2/a/manifests/v1").status == 429)
    }
  }
}

@Suite("Wrong passwords")
struct LoginThrottleLiveTests {
  @Test("repeated from one network they have to wait, and the right one from another does not")
  func throttled() async throws {
    let proxies = try TrustedProxies(parsing: "127.0.0.1")
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.trustedProxies = proxies
    }) { server in
      let user = try await server.makeUser()
      let wrong = Login.password(user.name, "not the password")
      // What is in the same /64 is the same network.
      let there = [[("X-Forwarded-For", "2001:db8::1")], [("X-Forwarded-For", "2001:db8::2")]]
      var reply = try await server.send(.GET, "/v2/", as: wrong, there[0])
      var attempts = 1
      while reply.status == 401, attempts < 20 {
        reply = try await server.send(.GET, "/token?service=berth", as: wrong, there[attempts % 2])
        attempts += 1
      }
      #expect(reply.status == 429 && reply.isError(.tooManyRequests))
      #expect(try #require(reply["Retry-After"].flatMap { Int($0) }) >= 1)
      // Five mistakes are free, and each further one costs twice as long as the one before: on a machine so slow that some
      // of that time has passed by the next attempt, too, not many more are taken. Two networks would have ten for free.
      #expect((6...12).contains(attempts), "\(attempts) attempts")
      #expect(
        try await server.send(.GET, "/v2/", as: user.login, [("X-Forwarded-For", "2001:db8:0:1::1")]).status == 200)
      // A token is no password that could be guessed.
      let token = try await server.makeToken(of: user.name, scopes: ["read:packages"])
      #expect(try await server.send(.GET, "/v2/", as: token.login, there[0]).status == 200)
    }
  }
}
