import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

/// Requests for a repository, each for any name.
struct RepositoryRequest: Sendable, CustomTestStringConvertible {
  let method: HTTPMethod
  let target: @Sendable (String) -> String
  var headers: [(String, String)] = []
  var body: [UInt8]?

  var testDescription: String { "\(method.rawValue) \(target("NAME"))" }

  private init(
    _ method: HTTPMethod, _ headers: [(String, String)] = [], body: [UInt8]? = nil,
    _ target: @escaping @Sendable (String) -> String
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The layer of the image that the repository has.
  static let layer = Array("a layer that nobody must learn of".utf8)
  static let image = Sample.image(layers: [layer])

  static let all: [RepositoryRequest] =
    [HTTPMethod.GET, .HEAD].flatMap { method in
      [
        RepositoryRequest(method) { "/v2/\($0)/tags/list" },
        RepositoryRequest(method) { "/v2/\($0)/manifests/v1" },
        RepositoryRequest(method) { "/v2/\($0)/manifests/no-such-tag" },
        RepositoryRequest(method) { "/v2/\($0)/manifests/\(Digest.of(image))" },
        RepositoryRequest(method) { "/v2/\($0)/blobs/\(Digest.of(layer))" },
        RepositoryRequest(method) { "/v2/\($0)/referrers/\(Digest.of(image))" },
        RepositoryRequest(method) { "/v2/\($0)/blobs/uploads/\(String(repeating: "0", count: 32))" },
        RepositoryRequest(method) { "/api/v1/repositories/\($0)" },
        RepositoryRequest(method) { "/api/v1/authorization?action=pull&repository=\($0)" },
        RepositoryRequest(method) { "/api/v1/authorization?action=push&repository=\($0)" },
        RepositoryRequest(method) { "/api/v1/authorization?action=delete&repository=\($0)" },
        RepositoryRequest(method) { "/api/v1/audit?repository=\($0)" },
        RepositoryRequest(method) { package($0) },
        RepositoryRequest(method) { "\(package($0))/versions" },
        RepositoryRequest(method) { "\(package($0))/versions?state=deleted" },
        RepositoryRequest(method) { "\(package($0))/versions/1" },
      ]
    } + [
      RepositoryRequest(.PUT, [("Content-Type", MediaType.ociManifest.value)], body: image) {
        "/v2/\($0)/manifests/v1"
      },
      RepositoryRequest(.DELETE) { "/v2/\($0)/manifests/v1" },
      RepositoryRequest(.DELETE) { "/v2/\($0)/manifests/\(Digest.of(image))" },
      RepositoryRequest(.DELETE) { "/v2/\($0)/blobs/\(Digest.of(layer))" },
      RepositoryRequest(.POST) { "/v2/\($0)/blobs/uploads/" },
      RepositoryRequest(.POST, body: layer) { "/v2/\($0)/blobs/uploads/?digest=\(Digest.of(layer))" },
      RepositoryRequest(.POST) { "/v2/\($0)/blobs/uploads/?mount=\(Digest.of(layer))&from=\($0)" },
      RepositoryRequest(.PATCH, body: layer) { "/v2/\($0)/blobs/uploads/\(String(repeating: "0", count: 32))" },
      RepositoryRequest(.PATCH, body: Array(#"{"visibility":"public"}"#.utf8)) { "/api/v1/repositories/\($0)" },
      RepositoryRequest(.PATCH, body: Array("{}".utf8)) { "/api/v1/repositories/\($0)" },
      RepositoryRequest(.PATCH, body: Array(#"{"visibility":"public"}"#.utf8)) { package($0) },
      RepositoryRequest(.DELETE) { package($0) },
      RepositoryRequest(.POST) { "\(package($0))/restore" },
      RepositoryRequest(.DELETE) { "\(package($0))/versions/1" },
      RepositoryRequest(.POST) { "\(package($0))/versions/1/restore" },
      RepositoryRequest(.DELETE) { "\(package($0))/versions/1/tags/v1" },
    ]

  /// The path of a repository as a package.
  private static func package(_ name: String) -> String {
    let parts = name.split(separator: "/", maxSplits: 1)
    return "/api/v3/orgs/\(parts[0])/packages/container/\(parts[1])"
  }
}

@Suite("A private repository and one that does not exist look the same")
struct SecrecyTests {
  /// What an answer tells, with the name and its owner's taken out.
  ///
  /// The time is left out, and the request's number, and whether the connection closes, which is so where the answer overtook the request's body.
  private func outline(_ reply: Reply, of name: String) -> [String] {
    let left = ["date", "connection", "x-github-request-id"]
    let told = reply.headers.filter { !left.contains($0.name.lowercased()) }
    let fields = told.map { "\($0.name): \($0.value)" }
    let owner = String(name.prefix { $0 != "/" })
    return (["\(reply.status)"] + fields.sorted() + [reply.text]).map {
      $0.replacing(name, with: "NAME").replacing(" \(owner)", with: " OWNER")
    }
  }

  private func compare(createsOnPush: Bool) async throws {
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.createOnPush = createsOnPush
    }) { server in
      let (known, unknown, ownerless) = ("team/api", "team/apx", "nobo/api")
      try await server.makeOrganization("team")
      try await server.mustManage(.POST, "repositories", #"{"name":"\#(known)"}"#)
      let administrator = try server.administrator
      for blob in [Array("{}".utf8), RepositoryRequest.layer] {
        try await server.pushBlob(blob, to: known, as: administrator)
      }
      let push = try await server.send(
        .PUT, "/v2/\(known)/manifests/v1", as: administrator, [("Content-Type", MediaType.ociManifest.value)],
        body: RepositoryRequest.image)
      try #require(push.status == 201)

      let stranger = try await server.makeUser()
      let strangersToken = try await server.makeToken(of: stranger.name, scopes: ["admin"])
      let stray = try await server.makeToken(
        of: "team", scopes: ["write:packages", "delete:packages"], repositories: ["team/other"])
      let deleting = try await server.makeToken(of: "team", scopes: ["delete:packages"], repositories: ["team/other"])
      let logins: [Login] = [.nobody, stranger.login, strangersToken.login, stray.login, deleting.login]
      for login in logins {
        for request in RepositoryRequest.all {
          var outlines: [[String]] = []
          for name in [known, unknown, ownerless] {
            let reply = try await server.send(
              request.method, request.target(name), as: login, request.headers, body: request.body)
            outlines.append(outline(reply, of: name))
          }
          #expect(outlines[0] == outlines[1], "\(request.testDescription) \(login)")
          // A robot may be told that a repository is not its organisation's.
          if login == .nobody || login == stranger.login {
            #expect(outlines[0] == outlines[2], "\(request.testDescription) \(login)")
          }
        }
      }
    }
  }

  @Test("to whoever may not pull it, by every route, also where pushes make no repositories", arguments: [true, false])
  func routes(createsOnPush: Bool) async throws {
    try await compare(createsOnPush: createsOnPush)
  }
}
