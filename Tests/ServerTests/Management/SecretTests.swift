import Foundation
import Logging
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Secrets")
struct SecretTests {
  private struct Spoken {
    var secrets: [String] = []
    var replies: [Reply] = []
  }

  /// Does everything in which secrets go over the wire, right and wrong.
  private func speak(to server: LiveServer) async throws -> Spoken {
    var spoken = Spoken()
    let (right, wrong, next) = ("the right password", "the wrong password", "the next password")
    let name = LiveServer.newName("secretive")
    var token: CreatedToken?
    for body in [#"{"name":"\#(name)","password":"\#(right)"}"#, #"{"name":"\#(name)","passwordHash":"\#(wrong)"}"#] {
      spoken.replies.append(try await server.manage(.POST, "users", body))
    }
    token = try await server.makeToken(of: name, scopes: ["admin"])
    let secret = try #require(token).secret
    let access = try await server.accessToken(
      as: .password(name, right), scopes: ["repository:\(name)/a:pull,push"], query: "&offline_token=true")
    let refresh = try #require(access.refresh_token)
    let mistyped = String(secret.dropLast()) + (secret.hasSuffix("a") ? "b" : "a")
    let tampered = String(access.token.dropLast(2)) + "xx"
    let changed = [right, secret, access.token, refresh]
    let logins =
      changed.map { Login.password(name, $0) } + changed.map { Login.token($0) }
      + [
        .password(name, wrong), .password(wrong, right), .token(mistyped), .token(tampered), .password(name, tampered),
      ]
    for login in logins {
      for target in ["/v2/", "/v2/nobody/a/tags/list", "/v2/\(name)/a/tags/list", "/token", "/api/v1/users"] {
        spoken.replies.append(try await server.send(.GET, target, as: login))
      }
    }
    for form in [
      "grant_type=refresh_token&refresh_token=\(refresh)", "grant_type=refresh_token&refresh_token=\(mistyped)",
      "grant_type=password&username=\(name)&password=\(wrong)&scope=\(secret)", "grant_type=\(secret)",
      "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=\(tampered)"
        + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt",
    ] {
      spoken.replies.append(try await server.send(.POST, "/token", body: Array(form.replacing(" ", with: "+").utf8)))
    }
    for body in [
      #"{"password":"\#(next)"}"#, #"{"password":"\#(next)","x":"\#(secret)"}"#, #"{"password":["\#(next)"]}"#,
    ] {
      spoken.replies.append(try await server.manage(.PATCH, "users/\(name)", body))
    }
    try await server.mustManage(.DELETE, "tokens/\(try #require(token).id)")
    for login in logins { spoken.replies.append(try await server.send(.GET, "/v2/", as: login)) }
    guard case .token(let administrator) = try server.administrator else { return spoken }
    spoken.secrets = [
      right, wrong, next, secret, access.token, refresh, mistyped, tampered, administrator,
      String(access.token.split(separator: ".")[2]),
    ]
    return spoken
  }

  private func contains(_ text: String, _ secret: String) -> Bool {
    text.contains(secret) || text.contains(secret.replacing(" ", with: "+"))
      || text.contains(Data(secret.utf8).base64EncodedString())
  }

  @Test("stand in no log line, no event of the audit trail and no error", arguments: [LogFormat.text, .json])
  func nowhere(_ format: LogFormat) async throws {
    let log = try LogCapture(format: format)
    var (spoken, trail) = (Spoken(), "")
    try await LiveServer.run(
      sink: log.sink,
      configure: { settings in
        settings.access = .accounts
        settings.accessLog = true
        settings.logLevel = .trace
        settings.logFormat = format
      }
    ) { server in
      spoken = try await speak(to: server)
      trail = try await server.mustManage(.GET, "audit?n=1000").text
    }
    let lines = try log.lines()
    #expect(lines.contains { $0.contains("/token") } && trail.contains("token.create"))
    for secret in spoken.secrets {
      #expect(lines.allSatisfy { !contains($0, secret) })
      #expect(!contains(trail, secret))
      for reply in spoken.replies where reply.status >= 400 {
        #expect(!contains(reply.text, secret), "\(reply.status) \(reply.text)")
        #expect(reply.headers.allSatisfy { !contains($0.value, secret) })
      }
    }
  }
}
