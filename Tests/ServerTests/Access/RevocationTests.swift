import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("What is taken away is of no use to the next request", .liveServer { $0.access = .accounts })
struct RevocationTests {
  private let server = LiveServer.current

  private func tags(of repository: String, as login: Login) async throws -> Int {
    try await server.send(.GET, "/v2/\(repository)/tags/list", as: login).status
  }

  @Test("a token, an access token and a refresh token that were made from it end with it")
  func revokedToken() async throws {
    let user = try await server.makeUser()
    let repository = "\(user.name)/tool"
    let token = try await server.makeToken(of: user.name, scopes: ["write:packages"])
    _ = try await server.pushNewImage(to: repository, tag: "v1", as: token.login)
    let scope = "repository:\(repository):pull"
    let access = try await server.accessToken(as: token.login, scopes: [scope], query: "&offline_token=true")
    let refresh = Array("grant_type=refresh_token&refresh_token=\(try #require(access.refresh_token))".utf8)
    #expect(try await server.send(.POST, "/token", body: refresh).status == 200)
    let logins = [token.login, .password(user.name, token.secret), access.login]
    for login in logins { #expect(try await tags(of: repository, as: login) == 200) }

    try await server.mustManage(.DELETE, "tokens/\(token.id)", as: user.login)
    for login in logins { #expect(try await tags(of: repository, as: login) == 401) }
    #expect(try await server.send(.GET, "/token?service=berth", as: token.login).status == 401)
    #expect(try await server.send(.POST, "/token", body: refresh).status == 401)
    #expect(try await tags(of: repository, as: user.login) == 200)
  }

  @Test("a role that was taken away pushes nothing more, nor does an access token of before")
  func role() async throws {
    let team = try await server.makeOrganization()
    let writer = try await server.makeMember("write", of: team)
    let access = try await server.accessToken(as: writer.login, scopes: ["repository:\(team)/api:pull,push"])
    _ = try await server.pushNewImage(to: "\(team)/api", tag: "v1", as: access.login)
    try await server.setRole("read", of: writer.name, in: team)
    for login in [writer.login, access.login] {
      let reply = try await server.send(.POST, "/v2/\(team)/api/blobs/uploads/", as: login)
      #expect(reply.status == 403 && reply.isError(.denied))
      #expect(try await tags(of: "\(team)/api", as: login) == 200)
    }
    try await server.setRole(nil, of: writer.name, in: team)
    for login in [writer.login, access.login] { #expect(try await tags(of: "\(team)/api", as: login) == 403) }
  }

  @Test("a repository that is private again is no longer pulled by everybody")
  func visibility() async throws {
    let user = try await server.makeUser()
    let repository = "\(user.name)/tool"
    _ = try await server.pushNewImage(to: repository, tag: "v1", as: user.login)
    let stranger = try await server.makeUser()
    let scopes = ["repository:\(repository):pull"]
    for (visibility, anonymous, other) in [("public", 200, 200), ("internal", 401, 200), ("private", 401, 403)] {
      try await server.setVisibility(visibility, of: repository)
      #expect(try await tags(of: repository, as: .nobody) == anonymous)
      #expect(try await tags(of: repository, as: stranger.login) == other)
    }
    try await server.setVisibility("public", of: repository)
    let access = try await server.accessToken(as: .nobody, scopes: scopes)
    #expect(try await tags(of: repository, as: access.login) == 200)
    try await server.setVisibility("private", of: repository)
    #expect(try await tags(of: repository, as: access.login) == 401)
  }

  @Test("a repository without a visibility of its own follows its owner's default")
  func defaultVisibility() async throws {
    let user = try await server.makeUser()
    _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
    for (visibility, status) in [("public", 200), ("private", 401)] {
      try await server.mustManage(
        .PATCH, "users/\(user.name)", as: user.login, #"{"defaultVisibility":"\#(visibility)"}"#)
      #expect(try await tags(of: "\(user.name)/tool", as: .nobody) == status)
    }
  }

  @Test("nothing of a user who is disabled lets in, until the user is not any more")
  func disabled() async throws {
    let user = try await server.makeUser()
    let repository = "\(user.name)/tool"
    _ = try await server.pushNewImage(to: repository, tag: "v1", as: user.login)
    let token = try await server.makeToken(of: user.name, scopes: ["read:packages"])
    let scopes = ["repository:\(repository):pull"]
    let logins = [
      user.login, token.login, try await server.accessToken(as: user.login, scopes: scopes).login,
      try await server.accessToken(as: token.login, scopes: scopes).login,
    ]
    for (isDisabled, status) in [(false, 200), (true, 401), (false, 200)] {
      try await server.mustManage(.PATCH, "users/\(user.name)", #"{"disabled":\#(isDisabled)}"#)
      for login in logins { #expect(try await tags(of: repository, as: login) == status) }
    }
  }

  @Test("an organisation that is disabled has no robots")
  func disabledOrganization() async throws {
    let team = try await server.makeOrganization()
    let robot = try await server.makeToken(of: team, scopes: ["write:packages"])
    _ = try await server.pushNewImage(to: "\(team)/api", tag: "v1", as: robot.login)
    try await server.mustManage(.PATCH, "organizations/\(team)", #"{"disabled":true}"#)
    #expect(try await tags(of: "\(team)/api", as: robot.login) == 401)
  }

  @Test("an access token ends with the password that it was made by, and with its account")
  func passwordAndAccount() async throws {
    let user = try await server.makeUser()
    let access = try await server.accessToken(as: user.login)
    #expect(try await server.send(.GET, "/v2/", as: access.login).status == 200)
    try await server.mustManage(.PATCH, "users/\(user.name)", #"{"password":"another four words"}"#)
    #expect(try await server.send(.GET, "/v2/", as: access.login).status == 401)
    #expect(try await server.send(.GET, "/v2/", as: user.login).status == 401)

    let changed = Login.password(user.name, "another four words")
    let again = try await server.accessToken(as: changed)
    let token = try await server.makeToken(of: user.name, scopes: ["admin"])
    try await server.mustManage(.DELETE, "users/\(user.name)")
    try await server.makeUser(user.name)
    for login in [changed, again.login, token.login] {
      #expect(try await server.send(.GET, "/v2/", as: login).status == 401)
    }
  }
}
