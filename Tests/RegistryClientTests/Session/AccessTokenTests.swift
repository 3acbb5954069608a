import OCI
import Testing

@testable import RegistryClient

@Suite("Access tokens of token services")
struct AccessTokenTests {
  private static let sent = Timestamp(milliseconds: 1_000_000)

  private func token(_ json: String, date: Timestamp? = nil) throws -> AccessToken {
    try AccessToken(parsing: Array(json.utf8), sent: Self.sent, date: date)
  }

  @Test(
    "a token is renewed before it ends, and lives a minute at least",
    arguments: [
      (#"{"token":"t"}"#, 45), (#"{"access_token":"t","expires_in":5}"#, 45), (#"{"token":"t","expires_in":300}"#, 270),
      (#"{"token":"t","access_token":"u","expires_in":-1}"#, 45),
    ])
  func life(_ json: String, _ seconds: Int64) throws {
    let token = try token(json)
    #expect(token.value == "t")
    #expect(token.renewal == Self.sent + .seconds(seconds))
  }

  @Test("a token that the service made earlier is older by the service's own clock")
  func age() throws {
    let date = try #require(Timestamp(rfc3339: "2030-01-01T00:01:40Z"))
    let json = #"{"token":"t","expires_in":300,"issued_at":"2030-01-01T00:00:00Z"}"#
    #expect(try token(json, date: date).renewal == Self.sent + .seconds(170))
    #expect(try token(json).renewal == Self.sent + .seconds(270))
  }

  @Test(
    "what holds no token, or one that cannot stand in a header, is refused",
    arguments: [#"{}"#, #"{"token":""}"#, #"{"token":"a\r\nX: y"}"#, "token", #"{"token":1}"#])
  func refused(_ json: String) {
    #expect(throws: InvalidTokenAnswer.self) { try token(json) }
  }
}
