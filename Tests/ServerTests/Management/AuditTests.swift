import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("The audit trail", .liveServer { $0.access = .accounts }, .serialized)
struct AuditTests {
  private let server = LiveServer.current

  /// The events that a body leaves, as `action outcome subject`, and that each has one actor, credential and address.
  private func events(
    by actor: String, _ credential: String?, _ body: () async throws -> Void
  ) async throws -> [String] {
    let events = try await server.auditEvents(of: body)
    for event in events {
      #expect(event.actor == actor && event.credential == credential && event.address == "127.0.0.1", "\(event)")
    }
    return events.map { "\($0.action) \($0.outcome) \($0.subject)" }
  }

  private func expect(_ status: Int, _ method: HTTPMethod, _ target: String, as login: Login = .nobody) async throws {
    #expect(try await server.send(method, target, as: login).status == status)
  }

  private func credential(_ login: Login) async throws -> String? {
    struct Identity: Decodable { let credential: String? }
    return try await server.manage(.GET, "whoami", as: login).decoded(Identity.self).credential
  }

  @Test("a push, a tag that moves, and what is deleted leave one event each")
  func images() async throws {
    let user = try await server.makeUser()
    let repository = "\(user.name)/tool"
    let token = try await server.makeToken(of: user.name, scopes: ["admin"])
    var images: [(manifest: Digest, layer: Digest)] = []
    let called = try await credential(token.login)
    for _ in 0..<2 {
      let left = try await events(by: user.name, called) {
        images.append(try await server.pushNewImage(to: repository, tag: "v1", as: token.login))
      }
      #expect(left == ["manifest.push done \(images.last!.manifest)", "tag.move done v1"])
    }
    let move = try #require(try await server.auditTrail("repository=\(repository)&n=1").first)
    #expect(move.action == "tag.move" && move.repository == repository)
    #expect(move.detail == ["from": images[0].manifest.description, "to": images[1].manifest.description])

    let target = "/v2/\(repository)"
    let deletions = [
      ("manifests/v1", "tag.delete done v1"),
      ("manifests/\(images[0].manifest)", "manifest.delete done \(images[0].manifest)"),
      ("blobs/\(images[0].layer)", "blob.delete done \(images[0].layer)"),
    ]
    for (path, event) in deletions {
      let left = try await events(by: user.name, called) {
        try await expect(202, .DELETE, "\(target)/\(path)", as: token.login)
      }
      #expect(left == [event])
    }
  }

  @Test("each change of the management API leaves one event")
  func management() async throws {
    let administrator = try await server.makeUser(isAdministrator: true)
    let (user, team) = (LiveServer.newName("audited"), LiveServer.newName("audited"))
    let changes: [(HTTPMethod, String, String?, String)] = [
      (.POST, "users", #"{"name":"\#(user)","password":"very secret words"}"#, "account.create done \(user)"),
      (.PATCH, "users/\(user)", #"{"password":"other secret words"}"#, "account.change done \(user)"),
      (.POST, "organizations", #"{"name":"\#(team)"}"#, "account.create done \(team)"),
      (.PUT, "organizations/\(team)/members/\(user)", #"{"role":"read"}"#, "member.set done \(user)"),
      (.DELETE, "organizations/\(team)/members/\(user)", nil, "member.remove done \(user)"),
      (.POST, "repositories", #"{"name":"\#(team)/api"}"#, "repository.create done \(team)/api"),
      (.PATCH, "repositories/\(team)/api", #"{"visibility":"public"}"#, "repository.visibility done \(team)/api"),
      (.DELETE, "users/\(user)", nil, "account.delete done \(user)"),
    ]
    for (method, path, body, event) in changes {
      let left = try await events(by: administrator.name, "password") {
        try await server.mustManage(method, path, as: administrator.login, body)
      }
      #expect(left == [event])
    }
    let visibility = try #require(try await server.auditTrail("repository=\(team)/api&n=1").first)
    #expect(visibility.detail == ["from": "default", "to": "public"])
  }

  @Test("a token that is made and one that is revoked leave one event each, by number")
  func tokens() async throws {
    let user = try await server.makeUser()
    var token: CreatedToken?
    let made = try await events(by: user.name, "password") {
      token = try await server.mustManage(
        .POST, "tokens", as: user.login, #"{"name":"ci","scopes":["read:packages"]}"#
      ).decoded()
    }
    let id = try #require(token).id
    #expect(made == ["token.create done \(id)"])
    let revoked = try await events(by: user.name, "password") {
      try await server.mustManage(.DELETE, "tokens/\(id)", as: user.login)
    }
    #expect(revoked == ["token.revoke done \(id)"])
  }

  @Test("what was shown and does not hold leaves one event, however often it was shown")
  func logins() async throws {
    let user = try await server.makeUser()
    let wrong = Login.password(user.name, "not the password")
    let left = try await server.auditEvents {
      for _ in 0..<3 { try await expect(401, .GET, "/v2/", as: wrong) }
    }
    // They are written down once a second, which may pass in between.
    let kinds = Set(left.map { "\($0.action) \($0.outcome) \($0.subject) \($0.actor) \($0.address ?? "")" })
    #expect(kinds == ["login denied password \(user.name) 127.0.0.1"])
    #expect(left.compactMap { $0.detail["times"].flatMap { Int($0) } }.reduce(0, +) == 3)

    let nobody = Login.password("a password typed as a name", "not the password")
    let unknown = try await server.auditEvents {
      try await expect(401, .GET, "/v2/", as: nobody)
    }
    #expect(unknown.map { "\($0.action) \($0.subject) \($0.actor)" } == ["login password anonymous"])

    let token = try await server.makeToken(of: user.name, scopes: ["admin"])
    let access = try await server.accessToken(as: token.login)
    try await server.mustManage(.DELETE, "tokens/\(token.id)")
    let shown = try await server.auditEvents {
      for login in [token.login, access.login, .token("nonsense")] {
        try await expect(401, .GET, "/v2/", as: login)
      }
    }
    #expect(
      shown.map { "\($0.action) \($0.outcome) \($0.subject)" }.sorted() == [
        "login denied access token", "login denied access token", "login denied token",
      ])
  }

  @Test("a pull, a push, a deletion and a change that were denied leave one event each")
  func denials() async throws {
    let team = try await server.makeOrganization()
    _ = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let (stranger, reader) = (try await server.makeUser(), try await server.makeMember("read", of: team))
    let denied: [(Login, String, HTTPMethod, String, String)] = [
      (stranger.login, stranger.name, .GET, "/v2/\(team)/api/manifests/v1", "pull denied \(team)/api"),
      (reader.login, reader.name, .POST, "/v2/\(team)/api/blobs/uploads/", "push denied \(team)/api"),
      (reader.login, reader.name, .DELETE, "/v2/\(team)/api/manifests/v1", "delete denied \(team)/api"),
      (reader.login, reader.name, .GET, "/api/v1/users", "manage denied list users"),
      (reader.login, reader.name, .GET, "/metrics", "manage denied do this"),
    ]
    for (login, name, method, target, event) in denied {
      let left = try await events(by: name, "password") {
        try await expect(403, method, target, as: login)
      }
      #expect(left == [event])
    }
    let access = try await server.accessToken(as: stranger.login, scopes: ["repository:\(team)/api:pull"])
    let byAccessToken = try await events(by: stranger.name, "password") {
      try await expect(403, .GET, "/v2/\(team)/api/tags/list", as: access.login)
    }
    #expect(byAccessToken == ["pull denied \(team)/api"])
    let reason = try #require(try await server.auditTrail("outcome=denied&repository=\(team)/api&n=1").first)
    #expect(reason.detail["reason"] == "\(stranger.name) has no role in \(team)")
    let challenged = try await server.auditEvents {
      try await expect(401, .GET, "/v2/\(team)/api/tags/list")
    }
    #expect(challenged.isEmpty, "whoever asks without a credential is told to show one, and not denied")
  }

  @Test("it is read by part: of a repository, an actor, an outcome, a time; newest first, page by page")
  func queries() async throws {
    let user = try await server.makeUser()
    let repository = "\(user.name)/tool"
    for _ in 0..<3 { _ = try await server.pushNewImage(to: repository, tag: "v1", as: user.login) }
    let stranger = try await server.makeUser()
    _ = try await server.send(.GET, "/v2/\(repository)/tags/list", as: stranger.login)

    let all = try await server.auditTrail("repository=\(repository)")
    #expect(all.count == 7 && all.allSatisfy { $0.repository == repository })
    #expect(all.map(\.id) == all.map(\.id).sorted(by: >))
    var paged: [Int] = []
    var next: String? = "audit?repository=\(repository)&n=2"
    while let path = next {
      let reply = try await server.mustManage(.GET, path)
      paged += try reply.decoded([AuditEventReply].self).map(\.id)
      next = reply["Link"].map { String($0.dropFirst("</api/v1/".count).prefix { $0 != ">" }) }
    }
    #expect(paged == all.map(\.id))
    #expect(try await server.auditTrail("repository=\(repository)&actor=\(user.name)").count == 6)
    #expect(try await server.auditTrail("repository=\(repository)&outcome=denied").map(\.actor) == [stranger.name])
    #expect(try await server.auditTrail("repository=\(repository)&since=2020-01-01T00:00:00Z").count == 7)
    #expect(try await server.auditTrail("repository=\(repository)&until=2020-01-01T00:00:00Z").isEmpty)
    // Whoever administers the repository's owner reads the part of the repository, and nothing else.
    #expect(try await server.auditTrail("repository=\(repository)", as: user.login).count == 7)
    #expect(try await server.manage(.GET, "audit", as: user.login).status == 403)
    #expect(try await server.manage(.GET, "audit?repository=\(repository)", as: stranger.login).status == 403)
  }
}
