import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Challenges", .liveServer { $0.access = .accounts })
struct ChallengeTests {
  private let server = LiveServer.current

  private static let digest = Digest.of([])

  @Test(
    "who shows nothing is told where to get a token, for what",
    arguments: [
      (HTTPMethod.GET, "/v2/", String?.none), (.HEAD, "/v2/", nil), (.GET, "/v2", nil),
      (.GET, "/v2/_catalog?n=1", "registry:catalog:*"),
      (.GET, "/v2/team/api/tags/list", "repository:team/api:pull"),
      (.GET, "/v2/team/api/manifests/v1", "repository:team/api:pull"),
      (.HEAD, "/v2/team/api/manifests/v1", "repository:team/api:pull"),
      (.PUT, "/v2/team/api/manifests/v1", "repository:team/api:pull,push"),
      (.DELETE, "/v2/team/api/manifests/v1", "repository:team/api:delete"),
      (.GET, "/v2/team/api/blobs/\(digest)", "repository:team/api:pull"),
      (.DELETE, "/v2/team/api/blobs/\(digest)", "repository:team/api:delete"),
      (.POST, "/v2/team/api/blobs/uploads/", "repository:team/api:pull,push"),
      (.PATCH, "/v2/team/api/blobs/uploads/\(UploadID())", "repository:team/api:pull,push"),
      (.GET, "/v2/team/api/referrers/\(digest)", "repository:team/api:pull"),
    ])
  func nothing(_ method: HTTPMethod, _ target: String, _ scope: String?) async throws {
    let reply = try await server.send(method, target)
    #expect(reply.status == 401)
    let scope = scope.map { #",scope="\#($0)""# } ?? ""
    #expect(reply["WWW-Authenticate"] == #"Bearer realm="\#(server.url)/token",service="berth"\#(scope)"#)
    #expect(reply["Docker-Distribution-Api-Version"] == "registry/2.0")
    if method != .HEAD { #expect(reply.isError(.unauthorized)) }
  }

  @Test(
    "outside of /v2 a password is asked for", arguments: ["/api/v1/users", "/api/v1/audit", "/metrics"])
  func basic(_ target: String) async throws {
    let reply = try await server.send(.GET, target)
    #expect(reply.status == 401)
    #expect(reply["WWW-Authenticate"] == #"Basic realm="berth""#)
  }

  @Test("a wrong login at /token is answered with the question for a password")
  func wrongPassword() async throws {
    let reply = try await server.send(.GET, "/token?service=berth", as: .password("nobody", "wrong password"))
    #expect(reply.status == 401)
    #expect(reply["WWW-Authenticate"] == #"Basic realm="berth""#)
  }

  @Test(
    "what is shown and does not hold is called so",
    arguments: [
      ("Bearer nonsense", "invalid_token"), ("Bearer berth_", "invalid_token"), ("Bearer a.b.c", "invalid_token"),
      ("Basic bm9ib2R5Ondyb25nIHBhc3N3b3Jk", "invalid_token"), ("Basic %%%", "invalid_request"),
      ("Basic bm9ib2R5", "invalid_request"), ("Digest username=a", "invalid_request"), ("Bearer", "invalid_request"),
      ("", "invalid_request"),
    ])
  func invalid(_ field: String, _ error: String) async throws {
    let reply = try await server.send(.GET, "/v2/team/api/tags/list", [("Authorization", field)])
    #expect(reply.status == 401 && reply.isError(.unauthorized))
    let expected =
      #"Bearer realm="\#(server.url)/token",service="berth",scope="repository:team/api:pull",error="\#(error)""#
    #expect(reply["WWW-Authenticate"] == expected)
  }

  @Test("a request that shows two credentials is refused, though each holds")
  func twice() async throws {
    let user = try await server.makeUser()
    let target = "/v2/\(user.name)/a/tags/list"
    let token = try await server.accessToken(as: user.login)
    let reply = try await server.send(.GET, target, user.login.headers + token.login.headers)
    #expect(reply.status == 401 && reply.isError(.unauthorized))
    #expect(reply["WWW-Authenticate"]?.hasSuffix(#",error="invalid_request""#) == true)
  }

  @Test("an access token that is not for what is asked is told so, with the scope that it takes")
  func insufficient() async throws {
    let user = try await server.makeUser()
    let token = try await server.accessToken(as: user.login, scopes: ["repository:\(user.name)/a:pull"])
    for (target, scope) in [
      ("/v2/\(user.name)/b/tags/list", "repository:\(user.name)/b:pull"), ("/v2/_catalog", "registry:catalog:*"),
    ] {
      let reply = try await server.send(.GET, target, as: token.login)
      #expect(reply.status == 401)
      let end = #",scope="\#(scope)",error="insufficient_scope""#
      #expect(reply["WWW-Authenticate"] == #"Bearer realm="\#(server.url)/token",service="berth"\#(end)"#)
    }
    let nobody = try await server.accessToken(as: .nobody)
    let reply = try await server.send(.GET, "/v2/\(user.name)/a/tags/list", as: nobody.login)
    #expect(reply.status == 401)
    #expect(reply["WWW-Authenticate"]?.hasSuffix(#",error="insufficient_scope""#) == true)
  }

  @Test("the realm is where the client reaches the server")
  func realm() async throws {
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.externalURL = try? ExternalURL(parsing: "https://registry.example.org")
    }) { server in
      let reply = try await server.send(.GET, "/v2/")
      #expect(
        reply["WWW-Authenticate"]
          == #"Bearer realm="https://registry.example.org/token",service="registry.example.org""#)
    }
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.trustedProxies = (try? TrustedProxies(parsing: "127.0.0.1")) ?? .none
    }) { server in
      let fields = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "registry.example.org:8443")]
      let reply = try await server.send(.GET, "/v2/", fields)
      #expect(
        reply["WWW-Authenticate"] == #"Bearer realm="https://registry.example.org:8443/token",service="berth""#)
    }
    let fields = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example.org")]
    let reply = try await server.send(.GET, "/v2/", fields)
    #expect(reply["WWW-Authenticate"] == #"Bearer realm="\#(server.url)/token",service="berth""#)
  }
}
