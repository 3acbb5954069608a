import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

private struct Repositories: Decodable {
  let repositories: [String]
}

@Suite("Lists of repositories show what one may pull")
struct RepositoryListAccessTests {
  private static let repositories = [
    "other/internal", "other/private", "other/public", "team/api", "team/internal", "team/public", "team/web",
    "zoe/tool",
  ]

  private func withRepositories(_ body: @Sendable (LiveServer) async throws -> Void) async throws {
    try await LiveServer.run(configure: { $0.access = .accounts }) { server in
      for team in ["other", "team"] { try await server.makeOrganization(team) }
      try await server.makeUser("zoe")
      for repository in Self.repositories {
        _ = try await server.pushNewImage(to: repository, tag: "v1")
        let last = repository.split(separator: "/")[1]
        if ["public", "internal"].contains(last) { try await server.setVisibility(String(last), of: repository) }
      }
      try await body(server)
    }
  }

  private static let catalog: @Sendable (Reply) throws -> [String] = { try $0.decoded(Repositories.self).repositories }

  /// All names of a list, page by page as `Link` leads; no `Link` names another.
  private func names(
    _ server: LiveServer, _ target: String, as login: Login, page: Int, read: (Reply) throws -> [String]
  ) async throws -> [String] {
    var names: [String] = []
    var next: String? = "\(target)?n=\(page)"
    while let target = next {
      let reply = try await server.send(.GET, target, as: login)
      try #require(reply.status == 200, "\(reply.text)")
      let page = try read(reply)
      names += page
      next = reply["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
      guard let next else { break }
      let last = try #require(page.last, "\(next) leads on from nothing")
      try #require(next.contains("last=\(last.replacing("/", with: "%2F"))"), "\(next) names what may not be seen")
    }
    return names
  }

  @Test("each sees theirs, what is public, and with an account what is internal", arguments: [1, 3, 100])
  func identities(page: Int) async throws {
    try await withRepositories { server in
      let internals = ["other/internal", "other/public", "team/internal", "team/public"]
      let team = ["team/api", "team/internal", "team/public", "team/web"]
      let member = try await server.makeMember("read", of: "team")
      let robot = try await server.makeToken(of: "team", scopes: ["read:packages"])
      let narrow = try await server.makeToken(of: "team", scopes: ["read:packages"], repositories: ["team/w*"])
      let deleting = try await server.makeToken(of: "team", scopes: ["delete:packages"])
      let zoe = Login.password("zoe", LiveServer.password)
      let narrowest = try await server.makeToken(of: "zoe", scopes: ["read:packages"], repositories: ["**/tool"])
      let expectations: [(Login, [String])] = [
        (member.login, ["other/internal", "other/public"] + team),
        (robot.login, ["other/internal", "other/public"] + team), (narrow.login, ["team/web"]),
        (deleting.login, ["other/public", "team/public"]), (zoe, internals + ["zoe/tool"]),
        (narrowest.login, ["zoe/tool"]), (try server.administrator, Self.repositories),
        (try await server.accessToken(as: zoe, scopes: ["registry:catalog:*"]).login, internals + ["zoe/tool"]),
        (
          try await server.accessToken(as: .nobody, scopes: ["registry:catalog:*"]).login,
          ["other/public", "team/public"]
        ),
      ]
      for (login, expected) in expectations {
        let listed = try await names(server, "/api/v1/repositories", as: login, page: page) { try $0.decoded() }
        #expect(listed == expected, "\(login)")
        let catalog = try await names(server, "/v2/_catalog", as: login, page: page, read: Self.catalog)
        #expect(catalog == expected, "\(login)")
      }
    }
  }

  @Test("without a credential the API lists what is public, and an access token for something else lists nothing")
  func others() async throws {
    try await withRepositories { server in
      let reply = try await server.send(.GET, "/api/v1/repositories")
      #expect(try reply.decoded([String].self) == ["other/public", "team/public"])
      let access = try await server.accessToken(as: .nobody, scopes: ["repository:team/public:pull"])
      #expect(try await server.send(.GET, "/api/v1/repositories", as: access.login).status == 403)
      #expect(try await server.send(.GET, "/v2/_catalog", as: access.login).status == 401)
    }
  }
}
