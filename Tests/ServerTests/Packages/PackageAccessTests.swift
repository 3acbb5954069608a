import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Who may do what with packages", .liveServerWithAccounts)
struct PackageAccessTests {
  private let server = LiveServer.current

  @Test("each scope allows what it does at GitHub, and a token without it is told which it lacks")
  func scopes() async throws {
    let team = try await server.makeOrganization()
    let owner = try await server.makeMember("admin", of: team)
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    try await server.pushNewImage(to: "\(team)/api", tag: "v2")
    let version = try await server.version(tagged: "v1", of: "api", in: team)
    let path = "orgs/\(team)/packages/container/api"
    let token = { (scopes: [String]) in try await server.makeToken(of: owner.name, scopes: scopes).login }
    let (read, write, delete) = (
      try await token(["read:packages"]), try await token(["write:packages"]), try await token(["delete:packages"])
    )
    let refused = try await server.github(.DELETE, "\(path)/versions/\(version.id)", as: write)
    #expect(try refused.githubError(403).hasPrefix("You need at least delete:packages scope"))
    #expect(refused["X-OAuth-Scopes"] == "write:packages")
    #expect(refused["X-Accepted-OAuth-Scopes"] == "delete:packages, admin")
    for request in ["", "/versions", "/versions/\(version.id)"] {
      let unread = try await server.github(.GET, "\(path)\(request)", as: delete)
      #expect(try unread.githubError(403).hasPrefix("You need at least read:packages scope"))
      let reply = try await server.github(.GET, "\(path)\(request)", as: read)
      #expect(reply.status == 200 && reply["X-OAuth-Scopes"] == "read:packages")
    }
    #expect(try await server.github(.DELETE, "\(path)/versions/\(version.id)", as: delete).status == 204)
    let trash = "\(path)/versions?state=deleted"
    #expect(try await server.github(.GET, trash, as: read).decoded([VersionReply].self).map(\.id) == [version.id])
    #expect(try await server.github(.GET, trash, as: delete).githubError(403).contains("read:packages"))
    let restore = "\(path)/versions/\(version.id)/restore"
    #expect(try await server.github(.POST, restore, as: read).githubError(403).contains("write:packages"))
    #expect(try await server.github(.POST, restore, as: write).status == 204)
    #expect(try await server.github(.PATCH, path, as: write, #"{"visibility":"public"}"#).status == 403)
  }

  @Test("what was deleted is listed for writers, as far as their tokens go")
  func deleted() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let (reader, writer) = (
      try await server.makeMember("read", of: team), try await server.makeMember("write", of: team)
    )
    let trash = "orgs/\(team)/packages/container/api/versions?state=deleted"
    #expect(try await server.github(.GET, trash, as: reader.login).githubError(403).contains("takes write"))
    for scopes in [["read:packages"], ["write:packages"], ["admin"]] {
      let token = try await server.makeToken(of: reader.name, scopes: scopes)
      #expect(try await server.github(.GET, trash, as: token.login).githubError(403).contains("takes write"))
      let allowed = try await server.makeToken(of: writer.name, scopes: scopes)
      #expect(try await server.github(.GET, trash, as: allowed.login).text == "[]")
    }
    let elsewhere = try await server.makeToken(
      of: writer.name, scopes: ["read:packages"], repositories: ["\(team)/web"])
    #expect(try await server.github(.GET, trash, as: elsewhere.login).githubError(404) == "Package not found.")
  }

  @Test("without a login there is nothing, whatever is public")
  func anonymous() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    try await server.setVisibility("public", of: "\(team)/api")
    let reply = try await server.github(.GET, "orgs/\(team)/packages/container/api", as: .nobody)
    #expect(try reply.githubError(401).hasPrefix("Requires authentication"))
    #expect(reply["WWW-Authenticate"]?.hasPrefix("Basic ") == true)
    let wrong = try await server.github(.GET, "user", as: .token("berth_none"))
    #expect(try wrong.githubError(401).hasPrefix("Bad credentials"))
  }

  @Test("a token is taken as Bearer, as token and as a password", arguments: ["Bearer", "token", "Basic"])
  func credentials(_ scheme: String) async throws {
    let user = try await server.makeUser()
    let secret = try await server.makeToken(of: user.name, scopes: ["read:packages"]).secret
    let value = scheme == "Basic" ? Data("\(user.name):\(secret)".utf8).base64EncodedString() : secret
    let reply = try await server.send(.GET, "/api/v3/user", [("Authorization", "\(scheme) \(value)")])
    #expect(try reply.decoded(PackageReply.Owner.self).login == user.name)
  }

  @Test("who may not see a package finds none, in lists too")
  func hidden() async throws {
    let team = try await server.makeOrganization()
    for name in ["private", "internal", "public"] {
      try await server.pushNewImage(to: "\(team)/\(name)", tag: "v1")
      try await server.setVisibility(name, of: "\(team)/\(name)")
    }
    let stranger = try await server.makeUser()
    let list = { (login: Login) in
      try await server.github(.GET, "orgs/\(team)/packages?package_type=container", as: login)
        .decoded([PackageReply].self).map(\.name)
    }
    #expect(try await list(stranger.login) == ["internal", "public"])
    #expect(try await list(try server.administrator) == ["internal", "private", "public"])
    let robot = try await server.makeToken(
      of: team, scopes: ["read:packages"], repositories: ["\(team)/pri*"])
    #expect(try await list(robot.login) == ["private"])
    let path = "orgs/\(team)/packages/container"
    let refused = try await server.github(.GET, "\(path)/private", as: stranger.login)
    let unknown = try await server.github(.GET, "\(path)/unknown", as: stranger.login)
    #expect(try refused.githubError(404) == "Package not found." && refused.body == unknown.body)
    for method in [HTTPMethod.DELETE, .PATCH] {
      _ = try await server.github(method, "\(path)/private", as: stranger.login, "{}").githubError(404)
      _ = try await server.github(method, "\(path)/public", as: stranger.login, #"{"visibility":"private"}"#)
        .githubError(403)
    }
    let version = try await server.version(tagged: "v1", of: "private", in: team)
    for suffix in ["versions", "versions/\(version.id)"] {
      _ = try await server.github(.GET, "\(path)/private/\(suffix)", as: stranger.login).githubError(404)
    }
    #expect(
      try await server.github(.GET, "\(path)/public/versions/\(version.id)", as: stranger.login).githubError(404)
        == "Package version not found.", "a version of another package")
    #expect(try await server.github(.GET, "\(path)/public/versions?state=deleted", as: stranger.login).status == 403)
  }

  @Test("an owner of whom one may see nothing looks as if it did not exist")
  func hiddenOwners() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let stranger = try await server.makeUser()
    for suffix in ["packages?package_type=container", "docker/conflicts", "packages/container/api"] {
      let hidden = try await server.github(.GET, "orgs/\(team)/\(suffix)", as: stranger.login)
      let unknown = try await server.github(.GET, "orgs/nobody/\(suffix)", as: stranger.login)
      _ = try hidden.githubError(404)
      #expect(hidden.body == unknown.body)
    }
    let other = try await server.makeUser()
    #expect(try await server.github(.GET, "users/\(other.name)", as: stranger.login).githubError(404) == "Not Found")
    #expect(try await server.github(.GET, "users/\(stranger.name)", as: stranger.login).status == 200)
    #expect(try await server.github(.GET, "users/\(other.name)").status == 200)
    #expect(try await server.github(.GET, "users/nobody").githubError(404) == "Not Found")
    let empty = try await server.github(.GET, "user/packages?package_type=container", as: other.login)
    #expect(empty.status == 200 && empty.text == "[]")
  }

  @Test("a robot has its organisation's packages, and is no user")
  func robots() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let robot = try await server.makeToken(of: team, scopes: ["write:packages", "delete:packages"]).login
    #expect(try await server.github(.GET, "user", as: robot).githubError(403).hasPrefix("Resource not accessible"))
    #expect(try await server.github(.GET, "user/packages?package_type=container", as: robot).status == 403)
    #expect(try await server.github(.DELETE, "orgs/\(team)/packages/container/api", as: robot).status == 204)
    let events = try await server.mustManage(.GET, "audit?repository=\(team)/api").text
    #expect(events.contains(#""action":"manifest.delete""#) && events.contains(#""reason":"package""#))
  }

  @Test("who is an administrator of the registry is told to administrators alone")
  func administrators() async throws {
    let root = try await server.makeUser(isAdministrator: true)
    try await server.pushNewImage(to: "\(root.name)/tool", tag: "v1")
    try await server.setVisibility("public", of: "\(root.name)/tool")
    let path = "users/\(root.name)/packages/container/tool"
    let stranger = try await server.makeUser()
    #expect(try await !server.github(.GET, path, as: stranger.login).decoded(PackageReply.self).owner.site_admin)
    #expect(try await server.github(.GET, path).decoded(PackageReply.self).owner.site_admin)
  }

  @Test("where access is open there are no owners, and so no packages")
  func open() async throws {
    try await LiveServer.run { server in
      let reply = try await server.send(.GET, "/api/v3/orgs/team/packages?package_type=container")
      #expect(try reply.githubError(404).contains("--access accounts"))
    }
  }
}
