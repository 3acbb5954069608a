import Catalog
import OCI
import Testing
import TestSupport

@testable import Access

@Suite("What access control remembers and writes down")
struct CredentialMemoryTests {
  private let byPassword = Credentials.basic(user: "alice", password: AccessControlOnDisk.password)

  private func events(_ scene: AccessControlOnDisk) async throws -> [AuditEvent] {
    try await scene.control.flush()
    var query = AuditQuery(limit: 1000)
    query.outcome = .denied
    return try await scene.catalog.auditEvents(query)
  }

  @Test("a refresh token is no credential of a request")
  func refreshToken() async throws {
    try await AccessControlOnDisk.run { scene in
      let secret = try await scene.makeToken(kind: .refresh).reveal()
      #expect(try await !scene.holds(.bearer(secret)))
      #expect(try await !scene.holds(.basic(user: "alice", password: secret)))
      let identity = try await scene.control.authenticate(refreshToken: secret, from: AccessControlOnDisk.address)
      #expect(identity.name == "alice")
    }
  }

  @Test("a personal token is no refresh token")
  func personalToken() async throws {
    try await AccessControlOnDisk.run { scene in
      let secret = try await scene.makeToken().reveal()
      await #expect(throws: AccessError.self) {
        try await scene.control.authenticate(refreshToken: secret, from: AccessControlOnDisk.address)
      }
    }
  }

  @Test("a hash of another scheme becomes one of our own at a login, which access tokens of then outlive")
  func rehash() async throws {
    try await AccessControlOnDisk.run { scene in
      var change = AccountChange()
      change.passwordHash = "$2b$05$abcdefghijklmnopqrstuugwV8qBBvnFAgKU/1lAQTjzoU4mNz2BW"
      _ = try await scene.catalog.changeAccount(.named("alice"), change, by: .berth)
      let token = try await scene.accessToken(for: .basic(user: "alice", password: "myPassword"))
      #expect(try await scene.catalog.account(.named("alice"))?.passwordHash?.hasPrefix("$y$") == true)
      #expect(try await scene.holds(.bearer(token)))
      #expect(try await scene.holds(.basic(user: "alice", password: "myPassword")))
    }
  }

  @Test("when and from where a token was last used is written down")
  func uses() async throws {
    try await AccessControlOnDisk.run { scene in
      let secret = try await scene.makeToken().reveal()
      #expect(try await scene.catalog.tokens(of: .named("alice")).map(\.lastUsedFrom) == [nil])
      for _ in 0..<2 { #expect(try await scene.holds(.bearer(secret))) }
      try await scene.control.flush()
      let token = try #require(try await scene.catalog.tokens(of: .named("alice")).first)
      #expect(token.lastUsedFrom == "192.0.2.1" && token.lastUsedAt != nil)
    }
  }

  @Test("the same attempt is one event with a count; past a bound only the number of others is kept")
  func denials() async throws {
    try await AccessControlOnDisk.run { scene in
      for _ in 0..<3 { #expect(try await !scene.holds(.bearer("nonsense"))) }
      let first = try await events(scene)
      #expect(first.map(\.action) == [.login] && first[0].detail["times"] == "3")
      #expect(first[0].actor == Author(name: "anonymous", address: "192.0.2.1"))
      for number in 0..<600 {
        scene.control.denials.note(Author(name: "\(number)"), .pull, subject: "alice/tool")
      }
      let all = try await events(scene)
      #expect(all.count == 1 + 500 + 1)
      #expect(all.contains { $0.actor == .berth && $0.detail["times"] == "100" })
    }
  }

  @Test("an access token that has merely expired is nothing to write down")
  func expiredAccessToken() async throws {
    try await AccessControlOnDisk.run { scene in
      let now = Timestamp.now
      let token = try await scene.accessToken(for: byPassword, at: now)
      #expect(try await !scene.holds(.bearer(token), at: now + .seconds(400)))
      #expect(try await events(scene).isEmpty)
      let lapsed = try await scene.makeToken(expiresAt: now - .seconds(1)).reveal()
      #expect(try await !scene.holds(.bearer(lapsed)))
      #expect(try await events(scene).map(\.subject) == ["token"])
    }
  }

  @Test("the first token is made where there is no administrator, and no other after it")
  func firstToken() async throws {
    try await AccessControlOnDisk.run { scene in
      let secret = try #require(try await scene.control.makeFirstToken())
      #expect(try await scene.authenticate(.bearer(secret.reveal())).isAdministrator)
      #expect(try await scene.control.makeFirstToken() == nil)
      let token = try #require(try await scene.catalog.tokens(of: .named("admin")).first)
      _ = try await scene.catalog.revokeToken(token.id, by: .berth)
      #expect(try await scene.control.makeFirstToken() != nil)
    }
  }

  @Test("tokens that expired a month ago are removed, and later ones listed")
  func expiredTokens() async throws {
    try await AccessControlOnDisk.run { scene in
      let now = Timestamp.now
      _ = try await scene.makeToken(expiresAt: now - .seconds(31 * 86_400))
      _ = try await scene.makeToken(expiresAt: now - .seconds(29 * 86_400))
      try await scene.control.tend(at: now)
      #expect(try await scene.catalog.tokens(of: .named("alice")).count == 1)
    }
  }
}
