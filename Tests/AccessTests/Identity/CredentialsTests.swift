import Access
import Foundation
import Testing

@Suite("Credentials")
struct CredentialsTests {
  private static func basic(_ text: String) -> String { "Basic \(Data(text.utf8).base64EncodedString())" }

  @Test(
    "Basic and Bearer are read, in any letter case, and Bearer under GitHub's name for it",
    arguments: [
      (basic("alice:secret"), Credentials.basic(user: "alice", password: "secret")),
      (basic("alice:a:b"), .basic(user: "alice", password: "a:b")), (basic(":x"), .basic(user: "", password: "x")),
      (basic("alice:"), .basic(user: "alice", password: "")),
      ("basic YWxpY2U6c2VjcmV0", .basic(user: "alice", password: "secret")),
      ("Bearer abc.def", .bearer("abc.def")), ("BEARER  abc", .bearer("abc")),
      ("token abc", .bearer("abc")),
    ])
  func reads(field: String, expected: Credentials) throws {
    #expect(try Credentials(parsing: field) == expected)
  }

  @Test(
    "what is neither is refused",
    arguments: [
      "", "Basic", "Bearer", "Bearer ", "Digest username=x", "Basic !!!", "Basic YWxpY2U=", basic("a\u{0}:b"),
      "Basic \(Data([0xff, 0x3a, 0xff]).base64EncodedString())", "Bearer \(String(repeating: "a", count: 40_000))",
    ])
  func refuses(field: String) {
    #expect(throws: InvalidCredentials.self) { try Credentials(parsing: field) }
  }
}
