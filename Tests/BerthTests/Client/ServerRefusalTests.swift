import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import berth

@Suite struct ServerRefusalTests {
  private static let server = "registry.example.org"

  private func message(
    _ status: HTTPResponseStatus, _ body: String, location: String? = nil, token: String? = nil,
    configuration: String = "{}"
  ) async throws -> String {
    try await withTemporaryFolder { folder in
      try configuration.write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
      let connection = try Connection(
        to: ServerAddress(parsing: Self.server), token: token.map { try Credential(token: $0, origin: "BERTH_TOKEN") },
        authorities: [], logins: "\(folder)/config.json")
      return ServerRefusal(status, location: location, body: Data(body.utf8), from: connection).description
    }
  }

  @Test("a refusal is the server's messages on one line, which no terminal obeys")
  func messages() async throws {
    let body = #"{"errors":[{"code":"DENIED","message":"no \u001b[2Jright"},{"code":"UNSUPPORTED"}]}"#
    #expect(try await message(.forbidden, body) == #"no \u{1b}[2Jright; UNSUPPORTED"#)
  }

  @Test("who is not known is told how to give a credential")
  func unknownCaller() async throws {
    let message = try await message(.unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"log in"}]}"#)
    #expect(message.hasPrefix("log in; `berth login https://registry.example.org -u USER`"))
    #expect(message.contains("BERTH_TOKEN"))
  }

  @Test("whose credential does not hold is told which one it was, and does not see it")
  func refusedCredential() async throws {
    let message = try await message(
      .unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"it is wrong"}]}"#, token: "secret")
    #expect(message.hasPrefix("it is wrong; the credential was BERTH_TOKEN: "))
    #expect(!message.contains("secret"))
  }

  @Test(
    "a credential that Docker keeps with a helper is said to be there",
    arguments: [#"{"credsStore":"pass"}"#, #"{"credHelpers":{"registry.example.org":"pass"},"credsStore":"other"}"#])
  func helper(_ configuration: String) async throws {
    let message = try await message(
      .unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"log in"}]}"#, configuration: configuration)
    #expect(message.contains("docker-credential-pass"))
  }

  @Test("an answer that is not of this API is said to be none", arguments: ["", "<html>", "{}", #"{"errors":[]}"#])
  func foreignAnswer(_ body: String) async throws {
    let message = try await message(.badGateway, body)
    #expect(message.contains("502 Bad Gateway"))
    #expect(message.contains("is --server right?"))
  }

  @Test("a redirect is not followed, and its target named")
  func redirect() async throws {
    let message = try await message(.movedPermanently, "", location: "https://other.example.org/api")
    #expect(message.contains("redirects to https://other.example.org/api"))
  }
}
