import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Mounts between repositories of others", .liveServer { $0.access = .accounts })
struct MountAccessTests {
  private let server = LiveServer.current

  private func mount(_ query: String, to repository: String, as login: Login) async throws -> Reply {
    try await server.send(.POST, "/v2/\(repository)/blobs/uploads/?\(query)", as: login)
  }

  @Test("from a repository that one may not pull from, an upload begins as for a blob that is nowhere")
  func unreadable() async throws {
    let (owner, other) = (try await server.makeUser(), try await server.makeUser())
    let blob = try await server.pushNewImage(to: "\(owner.name)/secret", tag: "v1", as: owner.login).layer
    let nowhere = Digest.of(Sample.newBytes(10))
    let target = "\(other.name)/tool"
    let queries = [
      "mount=\(blob)&from=\(owner.name)/secret", "mount=\(blob)", "mount=\(nowhere)&from=\(owner.name)/secret",
      "mount=\(nowhere)", "mount=\(blob)&from=\(owner.name)/no-such", "mount=\(blob)&from=no-such/secret",
    ]
    let access = try await server.accessToken(
      as: other.login, scopes: ["repository:\(target):pull,push", "repository:\(owner.name)/secret:pull"])
    for login in [other.login, access.login] {
      for query in queries {
        let reply = try await mount(query, to: target, as: login)
        #expect(reply.status == 202, "\(query): \(reply.text)")
        #expect(reply["Location"]?.hasPrefix("/v2/\(target)/blobs/uploads/") == true)
        #expect(
          Set(reply.headers.map { $0.name.lowercased() }) == [
            "location", "range", "docker-upload-uuid", "docker-distribution-api-version", "date", "content-length",
          ])
      }
    }
    #expect(try await server.send(.HEAD, "/v2/\(target)/blobs/\(blob)", as: other.login).status == 404)
  }

  @Test("from a repository that one may pull from, the blob is mounted, whoever's it is")
  func readable() async throws {
    let (owner, other) = (try await server.makeUser(), try await server.makeUser())
    let source = "\(owner.name)/open"
    let blob = try await server.pushNewImage(to: source, tag: "v1", as: owner.login).layer
    try await server.setVisibility("internal", of: source)
    #expect(try await mount("mount=\(blob)&from=\(source)", to: "\(other.name)/a", as: other.login).status == 201)
    #expect(try await mount("mount=\(blob)", to: "\(other.name)/b", as: other.login).status == 201)
  }

  @Test("an access token mounts from where it grants to pull, and from nowhere else")
  func granted() async throws {
    let user = try await server.makeUser()
    let blob = try await server.pushNewImage(to: "\(user.name)/source", tag: "v1", as: user.login).layer
    let push = "repository:\(user.name)/target:pull,push"
    let narrow = try await server.accessToken(as: user.login, scopes: [push])
    let query = "mount=\(blob)&from=\(user.name)/source"
    #expect(try await mount(query, to: "\(user.name)/target", as: narrow.login).status == 202)
    let wide = try await server.accessToken(as: user.login, scopes: [push, "repository:\(user.name)/source:pull"])
    #expect(try await mount(query, to: "\(user.name)/target", as: wide.login).status == 201)
  }

  @Test("a robot mounts from nowhere but where its pattern lets it")
  func patterns() async throws {
    let team = try await server.makeOrganization()
    let blob = try await server.pushNewImage(to: "\(team)/secret", tag: "v1").layer
    let robot = try await server.makeToken(of: team, scopes: ["write:packages"], repositories: ["\(team)/api"])
    for query in ["mount=\(blob)&from=\(team)/secret", "mount=\(blob)"] {
      #expect(try await mount(query, to: "\(team)/api", as: robot.login).status == 202)
    }
  }
}
