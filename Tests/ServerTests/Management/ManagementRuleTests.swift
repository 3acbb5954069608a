import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("What the management API allows to whom", .liveServer { $0.access = .accounts })
struct ManagementRuleTests {
  private let server = LiveServer.current

  private struct Identity: Decodable {
    let name: String
    let kind: String
    let administrator: Bool
    let credential: String?
    let scopes: [String]?
    let repositories: [String]?
  }

  private struct Decision: Decodable {
    let allowed: Bool
    let rule: String
  }

  @Test("whoami tells who a credential shows, and what it is good for")
  func identity() async throws {
    let team = try await server.makeOrganization()
    let user = try await server.makeUser()
    let token = try await server.makeToken(of: user.name, named: "laptop", scopes: ["admin"])
    let robot = try await server.makeToken(
      of: team, named: "ci", scopes: ["write:packages", "read:packages"], repositories: ["\(team)/*"])
    func whoami(_ login: Login) async throws -> Identity {
      try await server.manage(.GET, "whoami", as: login).decoded()
    }
    let nobody = try await whoami(.nobody)
    #expect(nobody.kind == "anonymous" && nobody.name == "anonymous" && nobody.credential == nil)
    let byPassword = try await whoami(user.login)
    #expect(byPassword.kind == "user" && byPassword.name == user.name && byPassword.credential == "password")
    #expect(byPassword.scopes == nil && !byPassword.administrator)
    let byToken = try await whoami(token.login)
    #expect(byToken.credential == "token \(token.id) (laptop)" && byToken.scopes == ["admin"])
    let byRobot = try await whoami(robot.login)
    #expect(byRobot.kind == "robot" && byRobot.name == "\(team)+ci")
    #expect(byRobot.scopes == ["read:packages", "write:packages"] && byRobot.repositories == ["\(team)/*"])
    #expect(try await whoami(try server.administrator).administrator)
  }

  @Test("users and organizations share their names")
  func names() async throws {
    let (user, team) = (try await server.makeUser().name, try await server.makeOrganization())
    for (path, name) in [("users", user), ("users", team), ("organizations", user), ("organizations", team)] {
      #expect(try await server.manage(.POST, path, #"{"name":"\#(name)"}"#).status == 409)
    }
    #expect(try await server.manage(.GET, "users/\(team)").status == 404)
    #expect(try await server.manage(.GET, "organizations/\(user)").status == 404)
    #expect(try await server.manage(.DELETE, "organizations/\(user)").status == 404)
  }

  @Test("a list comes in pages in the order of the names")
  func pages() async throws {
    for _ in 0..<3 { try await server.makeOrganization() }
    var names: [String] = []
    var next: String? = "organizations?n=2"
    while let path = next {
      let reply = try await server.mustManage(.GET, path)
      let page = try reply.decoded([Account].self).map(\.name)
      #expect(page.count <= 2)
      names += page
      next = reply["Link"].map { String($0.dropFirst("</api/v1/".count).prefix { $0 != ">" }) }
    }
    #expect(names == names.sorted() && Set(names).count == names.count && names.count >= 3)
  }

  private struct Account: Decodable {
    let name: String
  }

  @Test("a user changes the own password and default visibility, and nothing of what the user is")
  func ownAccount() async throws {
    let user = try await server.makeUser()
    let path = "users/\(user.name)"
    #expect(try await server.manage(.PATCH, path, as: user.login, #"{"defaultVisibility":"public"}"#).status == 200)
    for change in [
      #"{"administrator":true}"#, #"{"disabled":false}"#, #"{"password":"new password","administrator":true}"#,
    ] {
      #expect(try await server.manage(.PATCH, path, as: user.login, change).status == 403)
    }
    #expect(try await server.manage(.PATCH, path, as: user.login, #"{"password":"new password"}"#).status == 200)
    #expect(try await server.manage(.GET, "whoami", as: user.login).status == 401)
    #expect(try await server.manage(.GET, path, as: .password(user.name, "new password")).status == 200)
  }

  @Test("a password is taken as its hash, which an htpasswd file has")
  func passwordHash() async throws {
    let name = LiveServer.newName("moved")
    let hash = "$2b$05$abcdefghijklmnopqrstuugwV8qBBvnFAgKU/1lAQTjzoU4mNz2BW"
    try await server.mustManage(.POST, "users", #"{"name":"\#(name)","passwordHash":"\#(hash)"}"#)
    #expect(try await server.manage(.GET, "whoami", as: .password(name, "myPassword")).status == 200)
    #expect(try await server.manage(.GET, "whoami", as: .password(name, "another")).status == 401)
  }

  @Test("nobody locks themselves out")
  func lockOut() async throws {
    let administrator = try await server.makeUser(isAdministrator: true)
    let path = "users/\(administrator.name)"
    for change in [#"{"administrator":false}"#, #"{"disabled":true}"#] {
      #expect(try await server.manage(.PATCH, path, as: administrator.login, change).status == 409)
    }
    #expect(try await server.manage(.DELETE, path, as: administrator.login).status == 409)
    #expect(try await server.manage(.PATCH, path, #"{"administrator":false}"#).status == 200)
    #expect(try await server.manage(.GET, "users", as: administrator.login).status == 403)
  }

  @Test("an account that owns an image is not deleted, and one without is, with its tokens")
  func deletion() async throws {
    let team = try await server.makeOrganization()
    let robot = try await server.makeToken(of: team, scopes: ["write:packages"])
    let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1", as: robot.login)
    let refusal = try await server.manage(.DELETE, "organizations/\(team)")
    #expect(refusal.status == 409 && refusal.text.contains("\(team)/api"))
    let administrator = try server.administrator
    #expect(
      try await server.send(.DELETE, "/v2/\(team)/api/manifests/\(image.manifest)", as: administrator).status == 202)
    #expect(try await server.manage(.DELETE, "organizations/\(team)").status == 204)
    #expect(try await server.send(.GET, "/v2/", as: robot.login).status == 401)
    #expect(try await server.manage(.DELETE, "organizations/\(team)").status == 404)
  }

  @Test("members are those of the organization, with roles that can be changed and taken away")
  func members() async throws {
    let team = try await server.makeOrganization()
    let owner = try await server.makeMember("admin", of: team)
    let user = try await server.makeUser()
    let path = "organizations/\(team)/members"
    for role in ["read", "write"] {
      #expect(
        try await server.manage(.PUT, "\(path)/\(user.name)", as: owner.login, #"{"role":"\#(role)"}"#).status == 204)
      let list = try await server.mustManage(.GET, path, as: user.login).text
      #expect(list.contains(#"{"user":"\#(user.name)","role":"\#(role)"}"#))
    }
    #expect(try await server.manage(.DELETE, "\(path)/\(user.name)", as: owner.login).status == 204)
    #expect(try await server.manage(.GET, path, as: user.login).status == 404)
    #expect(try await server.manage(.PUT, "\(path)/no-such", as: owner.login, #"{"role":"read"}"#).status == 404)
    #expect(try await server.manage(.PUT, "\(path)/\(user.name)", #"{"role":"king"}"#).status == 400)
    #expect(try await server.manage(.PUT, "\(path)/\(team)", #"{"role":"read"}"#).status == 404)
  }

  @Test("a token's secret is shown once, and its number and use afterwards")
  func tokens() async throws {
    let user = try await server.makeUser()
    let made = try await server.mustManage(
      .POST, "tokens", as: user.login, #"{"name":"laptop","scopes":["read:packages"]}"#)
    #expect(made["Cache-Control"] == "no-store")
    let token = try made.decoded(CreatedToken.self)
    #expect(token.secret.wholeMatch(of: #/berth_[0-9A-Za-z]{42}/#) != nil)
    let list = try await server.mustManage(.GET, "tokens", as: user.login).text
    #expect(list.contains(#""id":\#(token.id),"#) && !list.contains("secret") && !list.contains("berth_"))
    #expect(try await server.send(.GET, "/v2/", as: token.login).status == 200)
    var used = ""
    while !used.contains(#""lastUsedFrom":"127.0.0.1""#) {
      used = try await server.mustManage(.GET, "tokens", as: user.login).text
    }
    #expect(used.contains(#""lastUsedAt":""#))
  }

  @Test("robots of one organization have different names, and only its administrators make them")
  func robots() async throws {
    let team = try await server.makeOrganization()
    let (owner, writer) = (
      try await server.makeMember("admin", of: team), try await server.makeMember("write", of: team)
    )
    let body = #"{"name":"ci","owner":"\#(team)","scopes":["write:packages"]}"#
    #expect(try await server.manage(.POST, "tokens", as: writer.login, body).status == 403)
    #expect(try await server.manage(.POST, "tokens", as: owner.login, body).status == 201)
    #expect(try await server.manage(.POST, "tokens", as: owner.login, body).status == 409)
    let named = #"{"name":"No Robot","owner":"\#(team)","scopes":["write:packages"]}"#
    #expect(try await server.manage(.POST, "tokens", as: owner.login, named).status == 400)
  }

  @Test("a token manages nothing without the scope admin, nor with it where it is for some repositories")
  func limitedTokens() async throws {
    let user = try await server.makeUser(isAdministrator: true)
    let scopes = ["read:packages", "write:packages", "delete:packages"]
    let packages = try await server.makeToken(of: user.name, scopes: scopes)
    let narrow = try await server.makeToken(of: user.name, scopes: ["admin"], repositories: ["**"])
    for login in [packages.login, narrow.login] {
      #expect(try await server.manage(.GET, "users", as: login).status == 403)
      #expect(try await server.manage(.POST, "tokens", as: login, #"{"name":"a","scopes":["admin"]}"#).status == 403)
      #expect(try await server.manage(.DELETE, "tokens/\(packages.id)", as: login).status == 404)
      #expect(try await server.manage(.POST, "repositories", as: login, #"{"name":"\#(user.name)/a"}"#).status == 403)
    }
    let full = try await server.makeToken(of: user.name, scopes: ["admin"])
    #expect(try await server.manage(.GET, "users", as: full.login).status == 200)
  }

  @Test("why something is allowed or not is explained to whoever may know")
  func explanations() async throws {
    let team = try await server.makeOrganization()
    let (owner, reader) = (
      try await server.makeMember("admin", of: team), try await server.makeMember("read", of: team)
    )
    _ = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    func explain(_ action: String, as user: String? = nil, to login: Login) async throws -> Reply {
      let user = user.map { "&as=\($0)" } ?? ""
      return try await server.manage(.GET, "authorization?action=\(action)&repository=\(team)/api\(user)", as: login)
    }
    let pull = try await explain("pull", as: reader.name, to: owner.login).decoded(Decision.self)
    #expect(pull.allowed && pull.rule == "\(reader.name) has the role read in \(team)")
    let push = try await explain("push", to: reader.login).decoded(Decision.self)
    #expect(!push.allowed && push.rule == "\(reader.name) has the role read in \(team), and to push takes write")
    #expect(try await explain("pull", as: owner.name, to: reader.login).status == 403)
    #expect(try await explain("pull", as: "no-such", to: owner.login).status == 404)
    let stranger = try await server.makeUser()
    let unknown = try await explain("pull", to: stranger.login).decoded(Decision.self)
    #expect(!unknown.allowed && unknown.rule == "\(stranger.name) may not pull from \(team)/api, or it does not exist")
  }

  @Test("a repository is made once, by whoever administers its owner, with slashes in its name")
  func repositories() async throws {
    let team = try await server.makeOrganization()
    let owner = try await server.makeMember("admin", of: team)
    let body = #"{"name":"\#(team)/a/b/c","visibility":"internal"}"#
    #expect(try await server.manage(.POST, "repositories", as: owner.login, body).status == 201)
    #expect(try await server.manage(.POST, "repositories", as: owner.login, body).status == 409)
    let reply = try await server.manage(.GET, "repositories/\(team)/a/b/c", as: owner.login)
    #expect(reply.text == #"{"name":"\#(team)/a/b/c","visibility":"internal","inherited":false}"#)
    #expect(
      try await server.manage(.PATCH, "repositories/\(team)/no", as: owner.login, #"{"visibility":"public"}"#).status
        == 404)
  }
}
