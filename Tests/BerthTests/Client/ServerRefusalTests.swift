import Foundation
import NIOHTTP1
import Testing

@testable import berth

@Suite struct ServerRefusalTests {
  private static let server = "registry.example.org"

  private func message(
    _ status: HTTPResponseStatus, _ body: String, location: String? = nil, token: String? = nil
  ) throws -> String {
    let connection = Connection(
      to: try ServerAddress(parsing: Self.server),
      credential: try token.map { try Credential(token: $0, origin: "BERTH_TOKEN") }, authorities: [])
    return ServerRefusal(status, location: location, body: Data(body.utf8), from: connection).description
  }

  @Test("a refusal is the server's messages on one line, which no terminal obeys")
  func messages() throws {
    let body = #"{"errors":[{"code":"DENIED","message":"no \u001b[2Jright"},{"code":"UNSUPPORTED"}]}"#
    #expect(try message(.forbidden, body) == #"no \u{1b}[2Jright; UNSUPPORTED"#)
  }

  @Test("who is not known is told how to give a credential")
  func unknownCaller() throws {
    let message = try message(.unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"log in"}]}"#)
    #expect(message.hasPrefix("log in; `berth login https://registry.example.org -u USER`"))
    #expect(message.contains("BERTH_TOKEN"))
  }

  @Test("whose credential does not hold is told which one it was, and does not see it")
  func refusedCredential() throws {
    let message = try message(
      .unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"it is wrong"}]}"#, token: "secret")
    #expect(message.hasPrefix("it is wrong; the credential was BERTH_TOKEN: "))
    #expect(!message.contains("secret"))
  }

  @Test("an answer that is not of this API is said to be none", arguments: ["", "<html>", "{}", #"{"errors":[]}"#])
  func foreignAnswer(_ body: String) throws {
    let message = try message(.badGateway, body)
    #expect(message.contains("502 Bad Gateway"))
    #expect(message.contains("is --server right?"))
  }

  @Test("a redirect is not followed, and its target named")
  func redirect() throws {
    let message = try message(.movedPermanently, "", location: "https://other.example.org/api")
    #expect(message.contains("redirects to https://other.example.org/api"))
  }
}
