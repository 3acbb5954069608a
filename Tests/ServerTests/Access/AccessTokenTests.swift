import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Access tokens", .liveServer { $0.access = .accounts })
struct AccessTokenTests {
  private let server = LiveServer.current

  private func get(_ query: String, as login: Login = .nobody) async throws -> Reply {
    try await server.send(.GET, "/token?\(query)", as: login)
  }

  @Test("the answer has what every client looks for")
  func form() async throws {
    let user = try await server.makeUser()
    let before = Timestamp.now
    let reply = try await get(
      "service=berth&scope=repository:\(user.name)/a:pull,push&account=\(user.name)", as: user.login)
    #expect(reply.status == 200)
    #expect(reply["Content-Type"] == "application/json")
    #expect(reply["Cache-Control"] == "no-store")
    let token = try reply.decoded(TokenReply.self)
    #expect(token.token == token.access_token && token.token.split(separator: ".").count == 3)
    #expect(token.expires_in >= 60)
    let issued = try #require(Timestamp(rfc3339: token.issued_at))
    #expect(before - .seconds(1) <= issued && issued <= .now)
    #expect(token.scope == "repository:\(user.name)/a:pull,push")
    #expect(token.refresh_token == nil)
  }

  @Test(
    "scopes stand in as many parameters or in one, with a registry's port or without, and unknown kinds are left out",
    arguments: [
      ("scope=repository:NAME/a:pull&scope=repository:NAME/b:push", "repository:NAME/a:pull repository:NAME/b:push"),
      ("scope=repository:NAME/a:pull%20repository:NAME/b:pull", "repository:NAME/a:pull repository:NAME/b:pull"),
      ("scope=repository:NAME/a:pull&scope=repository:NAME/a:push", "repository:NAME/a:pull,push"),
      ("scope=repository:localhost:5000/NAME/a:pull", "repository:NAME/a:pull"),
      ("scope=repository:NAME/a:*", "repository:NAME/a:delete,pull,push"),
      ("scope=namespace:NAME:pull&scope=repository:NAME/a:pull", "repository:NAME/a:pull"),
      ("scope=registry:catalog:*", "registry:catalog:*"), ("scope=repository:NAME/a:fly", ""), ("scope=", ""), ("", ""),
    ])
  func scopes(_ query: String, _ granted: String) async throws {
    let user = try await server.makeUser()
    let token = try await get("service=berth&\(query.replacing("NAME", with: user.name))", as: user.login)
      .decoded(TokenReply.self)
    #expect(token.scope == granted.replacing("NAME", with: user.name))
  }

  @Test("fewer actions than were asked for are granted, which is no error")
  func fewer() async throws {
    let team = try await server.makeOrganization()
    let reader = try await server.makeMember("read", of: team)
    let all = "repository:\(team)/api:pull,push,delete"
    #expect(try await server.accessToken(as: reader.login, scopes: [all]).scope == "repository:\(team)/api:pull")
    let stranger = try await server.makeUser()
    #expect(try await server.accessToken(as: stranger.login, scopes: [all]).scope == "")
    let token = try await server.makeToken(of: team, scopes: ["delete:packages"])
    #expect(try await server.accessToken(as: token.login, scopes: [all]).scope == "repository:\(team)/api:delete")
  }

  @Test("without a credential there is a token that pulls what is public, and nothing else")
  func anonymous() async throws {
    let team = try await server.makeOrganization()
    _ = try await server.pushNewImage(to: "\(team)/open", tag: "v1")
    _ = try await server.pushNewImage(to: "\(team)/closed", tag: "v1")
    try await server.setVisibility("public", of: "\(team)/open")
    let scopes = ["repository:\(team)/open:pull,push", "repository:\(team)/closed:pull"]
    let token = try await server.accessToken(as: .nobody, scopes: scopes)
    #expect(token.scope == "repository:\(team)/open:pull")
    #expect(try await server.send(.GET, "/v2/\(team)/open/manifests/v1", as: token.login).status == 200)
    #expect(try await server.send(.GET, "/v2/\(team)/closed/manifests/v1", as: token.login).status == 401)
    #expect(try await server.send(.POST, "/v2/\(team)/open/blobs/uploads/", as: token.login).status == 401)
    #expect(try await server.accessToken(as: .nobody, query: "&offline_token=true").refresh_token == nil)
  }

  @Test(
    "what cannot be meant is refused",
    arguments: [
      "service=elsewhere", "service=", "service=berth&scope=nonsense", "service=berth&scope=repository:../etc:pull",
      "service=berth&scope=repository::pull", "service=berth&scope=repository:UPPER:pull",
      "service=berth" + String(repeating: "&scope=repository:a/b:pull", count: 51),
    ])
  func refused(_ query: String) async throws {
    let reply = try await get(query)
    #expect(reply.status == 400 && reply.isError(.unsupported), "\(reply.text)")
  }

  @Test("clients that name no service get a token")
  func noService() async throws {
    #expect(try await get("scope=repository:a/b:pull").status == 200)
  }

  @Test("an access token makes no other, so that it ends when it says")
  func renewal() async throws {
    let user = try await server.makeUser()
    let token = try await server.accessToken(as: user.login, scopes: ["repository:\(user.name)/a:pull"])
    for login in [token.login, .password(user.name, token.token)] {
      let reply = try await get("service=berth&scope=registry:catalog:*&offline_token=true", as: login)
      #expect(reply.status == 403 && reply.isError(.denied))
    }
  }

  @Test("an access token is good for nothing but repositories")
  func management() async throws {
    let administrator = try await server.makeUser(isAdministrator: true)
    let token = try await server.accessToken(
      as: administrator.login, scopes: ["repository:\(administrator.name)/a:*", "registry:catalog:*"])
    #expect(try await server.manage(.GET, "users", as: token.login).status == 403)
    #expect(
      try await server.manage(.POST, "tokens", as: token.login, #"{"name":"a","scopes":["admin"]}"#).status == 403)
    #expect(try await server.send(.GET, "/metrics", as: token.login).status == 403)
  }

  @Test("a token of a person works as password and as Bearer, straight on /v2/")
  func personalTokens() async throws {
    let user = try await server.makeUser()
    let token = try await server.makeToken(of: user.name, scopes: ["write:packages"])
    for login in [token.login, .password(user.name, token.secret), .password("whoever", token.secret)] {
      #expect(try await server.send(.GET, "/v2/", as: login).status == 200)
      _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: login)
    }
  }
}
