import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

/// What `POST /token` answers when it refuses, as clients of OAuth 2.0 and as those of registries read it.
private struct OAuthRefusal: Decodable {
  struct Entry: Decodable {
    let code: String
    let message: String
  }

  let error: String
  let error_description: String
  let errors: [Entry]
}

@Suite("OAuth 2.0 at /token", .liveServer { $0.access = .accounts })
struct OAuthTests {
  private let server = LiveServer.current

  private func post(_ form: String) async throws -> Reply {
    try await server.send(
      .POST, "/token", [("Content-Type", "application/x-www-form-urlencoded")],
      body: Array(form.replacing(" ", with: "+").utf8))
  }

  private func refresh(_ token: String, scope: String = "") async throws -> Reply {
    try await post("grant_type=refresh_token&service=berth&client_id=docker&refresh_token=\(token)&scope=\(scope)")
  }

  private func refreshToken(of login: Login) async throws -> String {
    try #require(try await server.accessToken(as: login, query: "&offline_token=true&client_id=docker").refresh_token)
  }

  @Test("a name and a password get an access token, and a refresh token where one is asked for")
  func password() async throws {
    let user = try await server.makeUser()
    let form = "grant_type=password&service=berth&username=\(user.name)&password=\(LiveServer.password)"
    let scope = "repository:\(user.name)/a:pull,push"
    let plain = try await post("\(form)&scope=\(scope)&client_id=docker").decoded(TokenReply.self)
    #expect(plain.scope == scope && plain.refresh_token == nil)
    #expect(plain.token == plain.access_token && plain.expires_in >= 60)
    _ = try await server.pushNewImage(to: "\(user.name)/a", tag: "v1", as: plain.login)
    let offline = try await post("\(form)&access_type=offline&scope=\(scope)").decoded(TokenReply.self)
    let refreshed = try await refresh(try #require(offline.refresh_token), scope: scope).decoded(TokenReply.self)
    #expect(refreshed.scope == scope && refreshed.refresh_token == offline.refresh_token)
    #expect(try await server.send(.GET, "/v2/\(user.name)/a/tags/list", as: refreshed.login).status == 200)
  }

  @Test("several scopes stand in one parameter with spaces between them")
  func scopes() async throws {
    let user = try await server.makeUser()
    let token = try await refreshToken(of: user.login)
    let scopes = "repository:\(user.name)/a:pull repository:\(user.name)/b:push"
    #expect(try await refresh(token, scope: scopes).decoded(TokenReply.self).scope == scopes)
  }

  @Test("a refresh token is good for nothing but more access tokens")
  func refreshTokenAlone() async throws {
    let user = try await server.makeUser()
    let token = try await refreshToken(of: user.login)
    for login in [Login.token(token), .password(user.name, token)] {
      #expect(try await server.send(.GET, "/v2/", as: login).status == 401)
      #expect(try await server.manage(.GET, "whoami", as: login).status == 401)
    }
    let list = try await server.manage(.GET, "tokens", as: user.login).text
    #expect(list == "[]")
  }

  @Test("a refresh token ends with the password that it was made by")
  func passwordChange() async throws {
    let user = try await server.makeUser()
    let token = try await refreshToken(of: user.login)
    try await server.mustManage(.PATCH, "users/\(user.name)", as: user.login, #"{"password":"another four words"}"#)
    #expect(try await refresh(token).status == 401)
  }

  @Test("a refresh token ends with the token that it was made from")
  func revocation() async throws {
    let user = try await server.makeUser()
    let parent = try await server.makeToken(of: user.name, scopes: ["read:packages"])
    let token = try await refreshToken(of: parent.login)
    let refreshed = try await refresh(token, scope: "repository:\(user.name)/a:pull,push").decoded(TokenReply.self)
    #expect(refreshed.scope == "repository:\(user.name)/a:pull")
    try await server.mustManage(.DELETE, "tokens/\(parent.id)")
    #expect(try await refresh(token).status == 401)
    #expect(try await server.send(.GET, "/v2/", as: refreshed.login).status == 401)
  }

  @Test("a refresh token ends when its account is disabled, and does not come back")
  func disabling() async throws {
    let user = try await server.makeUser()
    let token = try await refreshToken(of: user.login)
    for isDisabled in [true, false] {
      try await server.mustManage(.PATCH, "users/\(user.name)", #"{"disabled":\#(isDisabled)}"#)
      #expect(try await refresh(token).status == 401)
    }
  }

  @Test("robots keep no logins: their token is one")
  func robots() async throws {
    let robot = try await server.makeToken(of: try await server.makeOrganization(), scopes: ["read:packages"])
    #expect(try await server.accessToken(as: robot.login, query: "&offline_token=true").refresh_token == nil)
  }

  @Test(
    "what is wrong is said as OAuth 2.0 and as registries have it",
    arguments: [
      ("grant_type=password&service=berth&username=nobody&password=wrong password", 401, "invalid_grant"),
      ("grant_type=refresh_token&refresh_token=nonsense", 401, "invalid_grant"),
      ("grant_type=refresh_token", 400, "invalid_request"), ("grant_type=password&username=a", 400, "invalid_request"),
      ("grant_type=client_credentials", 400, "invalid_request"), ("", 400, "invalid_request"),
      ("grant_type=password&service=elsewhere&username=a&password=b", 400, "invalid_request"),
      ("grant_type=%zz", 400, "invalid_request"), ("grant_type=%ff", 400, "invalid_request"),
      ("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=a", 400, "invalid_request"),
      (
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=a.b.c"
          + "&subject_token_type=urn:ietf:params:oauth:token-type:id_token", 401, "invalid_grant"
      ),
    ])
  func refusals(_ form: String, _ status: Int, _ error: String) async throws {
    let reply = try await post(form)
    #expect(reply.status == status, "\(reply.text)")
    #expect(reply["Content-Type"] == "application/json")
    let refusal = try reply.decoded(OAuthRefusal.self)
    #expect(refusal.error == error)
    #expect(!refusal.error_description.isEmpty && refusal.errors.map(\.message) == [refusal.error_description])
    #expect(reply["WWW-Authenticate"] == (status == 401 ? #"Basic realm="berth""# : nil))
  }

  @Test("a form that is too large is refused before it is read")
  func tooLarge() async throws {
    let reply = try await post("grant_type=\(String(repeating: "a", count: 70_000))")
    #expect(reply.status == 413)
    #expect(try reply.decoded(OAuthRefusal.self).error == "invalid_request")
  }
}
