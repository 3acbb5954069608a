import OCI
import Testing

@Suite("Globs")
struct GlobTests {
  @Test(
    "a pattern fits whole texts, and a star stays within its part",
    arguments: [
      ("team/api", "team/api", true), ("team/api", "team/api2", false), ("team/*", "team/api", true),
      ("team/*", "team/a/b", false), ("team/**", "team/a/b", true), ("team/**", "team/", true),
      ("team/*", "teams/api", false), ("**", "anything/at/all", true), ("*", "api", true), ("*", "team/api", false),
      ("team/a?i", "team/api", true), ("team/a?i", "team/a/i", false), ("refs/tags/v*", "refs/tags/v1.2.3", true),
      ("repo:team/api:*", "repo:team/api:environment:production", true),
      ("repo:team/api:*", "repo:team/api:ref:refs/heads/main", false),
      ("repo:team/api:**", "repo:team/api:ref:refs/heads/main", true), ("a*b*c", "axxbyyc", true),
      ("a*b*c", "axxbyy", false), ("**/api", "team/sub/api", true), ("team/api", "TEAM/api", false),
    ])
  func matches(pattern: String, text: String, fits: Bool) throws {
    #expect(try Glob(pattern).matches(text) == fits)
  }

  @Test("a pattern that would take a backtracking matcher for ever is answered")
  func worstCase() throws {
    let pattern = String(repeating: "*a", count: 200) + "b"
    #expect(try !Glob(pattern).matches(String(repeating: "a", count: 4000)))
  }

  @Test("an empty pattern and one without end are none", arguments: ["", String(repeating: "a", count: 513)])
  func invalid(pattern: String) {
    #expect(throws: InvalidGlob.self) { try Glob(pattern) }
  }
}
