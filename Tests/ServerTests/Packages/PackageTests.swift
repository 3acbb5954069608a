import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Packages as GitHub has them", .liveServerWithAccounts)
struct PackageTests {
  private let server = LiveServer.current

  @Test("a package has all fields that GitHub documents")
  func fields() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api/web", tag: "v1")
    let path = "/orgs/\(team)/packages/container"
    let package = try await server.github(.GET, "orgs/\(team)/packages/container/api%2Fweb").decoded(PackageReply.self)
    #expect(package.id > 0 && package.name == "api/web" && package.package_type == "container")
    #expect(package.version_count == 1 && package.visibility == "private")
    #expect(package.url == "\(server.url)/api/v3\(path)/api%2Fweb")
    #expect(package.html_url == "\(server.url)\(path)/package/api%2Fweb")
    #expect(Timestamp(rfc3339: package.created_at) != nil && package.created_at.hasSuffix("Z"))
    #expect(package.updated_at >= package.created_at)
    let owner = package.owner
    let account = "\(server.url)/api/v3/users/\(team)"
    #expect(owner.login == team && owner.id > 0 && owner.type == "Organization" && !owner.site_admin)
    #expect(Data(base64Encoded: owner.node_id) == Data("012:Organization\(owner.id)".utf8))
    #expect(owner.url == account && owner.html_url == "\(server.url)/\(team)" && owner.gravatar_id.isEmpty)
    #expect(owner.avatar_url == "\(server.url)/avatars/u/\(owner.id)")
    #expect(owner.followers_url == "\(account)/followers" && owner.following_url == "\(account)/following{/other_user}")
    #expect(owner.gists_url == "\(account)/gists{/gist_id}" && owner.starred_url == "\(account)/starred{/owner}{/repo}")
    #expect(owner.subscriptions_url == "\(account)/subscriptions" && owner.organizations_url == "\(account)/orgs")
    #expect(owner.repos_url == "\(account)/repos" && owner.events_url == "\(account)/events{/privacy}")
    #expect(owner.received_events_url == "\(account)/received_events")
    #expect(try await server.github(.GET, String(package.url.dropFirst("\(server.url)/api/v3/".count))).status == 200)
  }

  @Test("a list shows each package once, whatever the case of the owner's name")
  func list() async throws {
    let team = try await server.makeOrganization()
    for name in ["b", "a", "a/x"] { try await server.pushNewImage(to: "\(team)/\(name)", tag: "v1") }
    try await server.setVisibility("public", of: "\(team)/b")
    let list = { (query: String) in
      try await server.github(.GET, "orgs/\(team.uppercased())/packages?\(query)").decoded([PackageReply].self)
        .map(\.name)
    }
    #expect(try await list("package_type=container") == ["a", "a/x", "b"])
    #expect(try await list("package_type=container&visibility=public") == ["b"])
    #expect(try await list("package_type=container&visibility=private&per_page=1&page=2") == ["a/x"])
    #expect(try await list("package_type=npm") == [])
    let page = try await server.github(
      .GET, "orgs/\(team)/packages?package_type=container&visibility=private&per_page=1")
    let base = "\(server.url)/api/v3/orgs/\(team)/packages?package_type=container&visibility=private&per_page=1&page="
    #expect(page.links == ["next": "\(base)2", "last": "\(base)2"])
  }

  @Test("the same package is there by the organisation and as an account's; a user's by the user, and by /user")
  func owners() async throws {
    let team = try await server.makeOrganization()
    let user = try await server.makeUser()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
    let get = { (path: String) in try await server.github(.GET, path, as: user.login) }
    let own = try await get("user/packages/container/tool").decoded(PackageReply.self)
    #expect(own.owner.login == user.name && own.owner.type == "User")
    #expect(own.url == "\(server.url)/api/v3/users/\(user.name)/packages/container/tool")
    #expect(try await get("users/\(user.name)/packages/container/tool").decoded(PackageReply.self) == own)
    #expect(try await get("user/packages?package_type=container").decoded([PackageReply].self) == [own])
    #expect(try await get("orgs/\(user.name)/packages/container/tool").githubError(404) == "Package not found.")
    let byOrganization = try await server.github(.GET, "orgs/\(team)/packages/container/api")
    #expect(try await server.github(.GET, "users/\(team)/packages/container/api").body == byOrganization.body)
    for path in ["orgs/\(team)/docker/conflicts", "users/\(team)/docker/conflicts", "user/docker/conflicts"] {
      #expect(try await server.github(.GET, path).text == "[]")
    }
  }

  @Test("a package that is deleted is gone for every way in, and comes back with its id, its versions and its tags")
  func deletionAndRestoration() async throws {
    let team = try await server.makeOrganization()
    let image = try await server.pushNewImage(to: "\(team)/api/web", tag: "v1")
    let index = try await server.pushIndex(of: image.manifest, to: "\(team)/api/web", tag: "latest")
    let path = "orgs/\(team)/packages/container/api%2Fweb"
    let package = try await server.github(.GET, path).decoded(PackageReply.self)
    let versions = try await server.versions(of: "api/web", in: team)
    let manifest = "/v2/\(team)/api/web/manifests/latest"
    #expect(try await server.send(.GET, manifest, as: try server.administrator).status == 200)

    let deleted = try await server.github(.DELETE, path)
    #expect(deleted.status == 204 && deleted.body.isEmpty)
    #expect(try await server.github(.GET, path).githubError(404) == "Package not found.")
    #expect(try await server.github(.DELETE, path).githubError(404) == "Package not found.")
    #expect(try await server.github(.GET, "\(path)/versions").githubError(404) == "Package not found.")
    #expect(try await server.send(.GET, manifest, as: try server.administrator).status == 404)
    #expect(try await server.versions(of: "api/web", in: team, state: "deleted").count == 2)

    #expect(try await server.github(.POST, "\(path)/restore").status == 204)
    #expect(try await server.github(.GET, path).decoded(PackageReply.self).id == package.id)
    #expect(try await server.versions(of: "api/web", in: team).map(\.id) == versions.map(\.id))
    #expect(try await server.versions(of: "api/web", in: team).map(\.tags) == [["latest"], ["v1"]])
    let pulled = try await server.send(.GET, manifest, as: try server.administrator)
    #expect(pulled["Docker-Content-Digest"] == index.description)
    #expect(try await server.github(.POST, "\(path)/restore").githubError(409).contains("holds manifests by now"))
    #expect(
      try await server.github(.POST, "orgs/\(team)/packages/container/none/restore").githubError(404)
        == "Package not found.")
  }

  @Test("a package of which a rule keeps anything stays, and the refusal names the rule")
  func protection() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let rule = LiveServer.newName("release")
    try await server.mustManage(
      .POST, "protection-rules", #"{"name":"\#(rule)","repositories":"\#(team)/*","tags":["v*"],"protects":"tags"}"#)
    let path = "orgs/\(team)/packages/container/api"
    #expect(try await server.github(.DELETE, path).githubError(409).contains("the rule \(rule) "))
    try await server.pushNewImage(to: "\(team)/api", tag: "dev")
    let version = try await server.version(tagged: "v1", of: "api", in: team)
    #expect(try await server.github(.DELETE, "\(path)/versions/\(version.id)").githubError(409).contains(rule))
    #expect(try await server.github(.DELETE, "\(path)/versions/\(version.id)/tags/v1").githubError(409).contains(rule))
    #expect(try await server.versions(of: "api", in: team).count == 2)
  }

  @Test("the visibility of a package is changed by those who administer the owner")
  func visibility() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let (owner, writer) = (
      try await server.makeMember("admin", of: team), try await server.makeMember("write", of: team)
    )
    let path = "orgs/\(team)/packages/container/api"
    let changed = try await server.github(.PATCH, path, as: owner.login, #"{"visibility":"public"}"#)
    #expect(try changed.decoded(PackageReply.self).visibility == "public")
    #expect(try await server.send(.GET, "/v2/\(team)/api/manifests/v1").status == 200)
    _ = try await server.github(.PATCH, path, as: writer.login, #"{"visibility":"private"}"#).githubError(403)
    for body in ["", "{}", #"{"visibility":"secret"}"#, #"{"visibility":"private","name":"x"}"#] {
      _ = try await server.github(.PATCH, path, as: owner.login, body).githubError(400)
    }
    let none = "orgs/\(team)/packages/container/none"
    _ = try await server.github(.PATCH, none, as: owner.login, #"{"visibility":"public"}"#).githubError(404)
  }

  @Test("addresses are those that the setting says")
  func externalURL() async throws {
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.externalURL = try? .init(parsing: "https://registry.example.org")
    }) { server in
      let team = try await server.makeOrganization()
      for name in ["a", "b"] { try await server.pushNewImage(to: "\(team)/\(name)", tag: "v1") }
      let list = try await server.github(.GET, "orgs/\(team)/packages?package_type=container&per_page=1")
      let base = "https://registry.example.org/api/v3/orgs/\(team)/packages"
      #expect(list.links["next"] == "\(base)?package_type=container&per_page=1&page=2")
      #expect(try list.decoded([PackageReply].self).first?.url == "\(base)/container/a")
    }
  }
}
