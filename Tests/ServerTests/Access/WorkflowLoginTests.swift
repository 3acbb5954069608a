import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Workflows")
struct WorkflowLoginTests {
  private struct Exchanged: Decodable {
    let access_token: String
    let token_type: String
    let issued_token_type: String
    let expires_in: Int
  }

  /// Serves with a rule that lets workflows of `team/api` on an issuer pull and push `team/api`.
  private func run(_ body: (LiveServer, TestIssuer, IssuerKey, String) async throws -> Void) async throws {
    let key = IssuerKey.p256("first")
    try await withTemporaryFolder { folder in
      try await TestIssuer.run(keys: [key]) { issuer in
        let path = "\(folder)/trust.yaml"
        try """
        - name: release
          issuer: \(issuer.url)
          audience: registry.example.org
          conditions: {repository: team/api}
          grants: [{repositories: team/api, scopes: [read:packages, write:packages]}]
        """.write(toFile: path, atomically: true, encoding: .utf8)
        try await LiveServer.run(data: "\(folder)/data") { settings in
          settings.access = .accounts
          settings.oidcTrust = path
        } _: { server in
          try await server.makeOrganization("team")
          try await body(server, issuer, key, path)
        }
      }
    }
  }

  private func exchange(_ token: String, at server: LiveServer) async throws -> Reply {
    let form = [
      "grant_type=urn:ietf:params:oauth:grant-type:token-exchange", "subject_token=\(token)",
      "subject_token_type=urn:ietf:params:oauth:token-type:id_token",
    ]
    return try await server.send(.POST, "/token", body: Array(form.joined(separator: "&").utf8))
  }

  @Test("one logs in by its identity token as the password, and what it pushes is recorded as its own")
  func password() async throws {
    try await run { server, issuer, key, _ in
      let login = Login.password("workflow", try key.token(issuer.workflowClaims()))
      _ = try await server.pushNewImage(to: "team/api", tag: "v1", as: login)
      let access = try await server.accessToken(as: login, scopes: ["repository:team/api:pull,push,delete"])
      #expect(access.scope == "repository:team/api:pull,push")
      _ = try await server.pushNewImage(to: "team/api", tag: "v2", as: access.login)
      for (method, target) in [
        (HTTPMethod.DELETE, "/v2/team/api/manifests/v1"), (.POST, "/v2/team/web/blobs/uploads/"),
      ] {
        #expect(try await server.send(method, target, as: login).status == 403)
      }
      let trail = try await server.auditTrail("repository=team/api&outcome=done")
      #expect(trail.count == 4)
      for event in trail {
        #expect(event.actor == "team/api@refs/heads/main environment production run 123 (release)")
        #expect(event.credential == "identity token of \(issuer.url)")
      }
      #expect(try await server.manage(.GET, "users", as: login).status == 403)
      #expect(try await server.manage(.GET, "whoami", as: login).text.contains(#""kind":"workflow""#))
    }
  }

  @Test("one exchanges its identity token for a token of an hour, which ends with the rule")
  func exchanged() async throws {
    try await run { server, issuer, key, path in
      let reply = try await exchange(try key.token(issuer.workflowClaims()), at: server)
      #expect(reply.status == 200 && reply["Cache-Control"] == "no-store")
      let token = try reply.decoded(Exchanged.self)
      #expect(token.token_type == "Bearer" && token.expires_in == 3600)
      #expect(token.issued_token_type == "urn:ietf:params:oauth:token-type:access_token")
      for login in [Login.token(token.access_token), .password("workflow", token.access_token)] {
        _ = try await server.pushNewImage(to: "team/api", tag: "v1", as: login)
        let access = try await server.accessToken(as: login, scopes: ["repository:team/api:pull"])
        #expect(try await server.send(.GET, "/v2/team/api/tags/list", as: access.login).status == 200)
      }
      let login = Login.token(token.access_token)
      try String(contentsOfFile: path, encoding: .utf8).replacing("name: release", with: "name: another")
        .write(toFile: path, atomically: true, encoding: .utf8)
      while try await server.send(.GET, "/v2/", as: login).status != 401 { await shortPause() }
    }
  }

  @Test("one lists the repositories that its rule names, and no page tells of another")
  func lists() async throws {
    try await run { server, issuer, key, _ in
      for repository in ["alice/secret", "team/api", "zoe/secret"] {
        _ = try await server.pushNewImage(to: repository, tag: "v1")
      }
      let login = Login.password("workflow", try key.token(issuer.workflowClaims()))
      let reply = try await server.send(.GET, "/api/v1/repositories?n=1", as: login)
      #expect(reply.text == #"["team/api"]"# && reply["Link"] == nil)
    }
  }

  @Test("one whose token does not hold stays outside, and so does everyone while the issuer is down")
  func refused() async throws {
    try await run { server, issuer, key, _ in
      var claims = issuer.workflowClaims()
      claims["repository"] = #""mallory/api""#
      let wrong = [
        try key.token(claims), try IssuerKey.p256("first").token(issuer.workflowClaims()),
        try key.token(issuer.workflowClaims(at: .now - .seconds(3600))),
      ]
      for token in wrong {
        let reply = try await exchange(token, at: server)
        #expect(reply.status == 401 && reply.text.hasPrefix(#"{"error":"invalid_grant""#))
        #expect(try await server.send(.GET, "/v2/", as: .password("workflow", token)).status == 401)
      }
      let denied = try await server.auditTrail("outcome=denied")
      #expect(denied.allSatisfy { $0.action == "login" && $0.subject == "identity token" })
      #expect(denied.compactMap { Int($0.detail["times"] ?? "") }.reduce(0, +) == 2 * wrong.count)
    }
    try await run { server, issuer, key, _ in
      issuer.goDown()
      let token = try key.token(issuer.workflowClaims())
      let reply = try await exchange(token, at: server)
      #expect(reply.status == 503 && reply.text.hasPrefix(#"{"error":"temporarily_unavailable""#))
      #expect(reply["Retry-After"] != nil)
      let basic = try await server.send(.GET, "/v2/", as: .password("workflow", token))
      #expect(basic.status == 503 && basic.isError(.unavailable))
    }
  }
}
