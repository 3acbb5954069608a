import OCI
import TestSupport
import Testing

@testable import Catalog

@Suite("Patterns of rules")
struct TagPatternsTests {
  @Test(
    "a tag fits where one word does and none with ! does",
    arguments: [
      (["v*"], ["v1", "v", "v1.2.3-rc.1"], ["1", "latest", "V1"]),
      (["*", "!latest", "!main"], ["v1", "main-abc1234", "Latest"], ["latest", "main"]),
      (["!v0*", "v*"], ["v1"], ["v0", "v0.9"]),
      (["prod-?", "semver"], ["prod-a", "1.2.3"], ["prod-ab", "prod"]),
      (["semver", "!*-*"], ["1.2.3", "v1.2.3"], ["1.2.3-rc.1"]),
    ] as [([String], [String], [String])])
  func words(_ words: [String], fit: [String], others: [String]) throws {
    let patterns = try TagPatterns(parsing: words)
    for tag in fit { #expect(patterns.matches(.named(tag)), "\(tag)") }
    for tag in others { #expect(!patterns.matches(.named(tag)), "\(tag)") }
  }

  @Test(
    "a semantic version is one with or without v",
    arguments: [
      ("1.2.3", true), ("v1.2.3", true), ("0.0.0", true), ("1.2.3-rc.1", true), ("1.2.3-0", true),
      ("v1.2.3-alpha-beta.x", true), ("10.20.30", true), ("1.2", false), ("1", false), ("v1", false),
      ("1.2.3.4", false), ("01.2.3", false), ("1.2.3-01", false), ("1.2.3-", false), ("1.2.3-a..b", false),
      ("1.2.3-a_b", false), ("V1.2.3", false), ("vv1.2.3", false), ("1.2.x", false), ("latest", false),
    ] as [(String, Bool)])
  func semanticVersions(_ tag: String, isOne: Bool) {
    #expect(Tag.named(tag).isSemanticVersion == isOne)
  }

  @Test("a tag under which clients keep what refers to a digest fits nothing")
  func referrers() throws {
    let all = try TagPatterns(parsing: ["*"])
    for digest in [Digest.blob("a"), .blob("a", algorithm: .sha512)] {
      #expect(!all.matches(Tag(referrersOf: digest)))
    }
    let referrers = Tag(referrersOf: .blob("a")).value
    for suffix in [".sig", ".att", ".sbom"] {
      let tag = Tag.named(referrers + suffix)
      #expect(!all.matches(tag))
      #expect(DigestTag(tag)?.digest == .blob("a"))
    }
    for tag in ["sha256-abc", "sha256", "sha512-\(String(repeating: "g", count: 121))"] {
      #expect(all.matches(.named(tag)))
      #expect(DigestTag(.named(tag)) == nil)
    }
  }

  @Test(
    "words that choose no tags are refused",
    arguments: [
      [], [""], ["!"], ["!latest"], ["a b"], ["a/b"], ["v*", ""], ["v\u{e9}"], ["!!a"],
      [String(repeating: "a", count: 129)], Array(repeating: "a", count: 51),
    ] as [[String]])
  func invalid(_ words: [String]) {
    #expect(throws: InvalidTagPatterns.self) { try TagPatterns(parsing: words) }
  }

  @Test(
    "repositories are an owner's, one, or those that a pattern fits",
    arguments: [
      ("team", "team", ["team", "team/api", "team/a/b"], ["teams", "teams/api", "a/team"]),
      ("team/api", "team", ["team/api"], ["team/api/x", "team/apis", "team"]),
      ("team/*", "team", ["team/api"], ["team/a/b", "team", "other/api"]),
      ("team/**", "team", ["team/api", "team/a/b"], ["team", "teams/a"]),
      ("**", nil, ["a", "a/b", "a/b/c"], []),
      ("*/api", nil, ["team/api", "other/api"], ["team/x/api", "api"]),
      ("team*", nil, ["team", "teams"], ["team/api"]),
    ] as [(String, String?, [String], [String])])
  func repositories(_ text: String, owner: String?, fit: [String], others: [String]) throws {
    let pattern = try RepositoryPattern(parsing: text)
    #expect(pattern.owner?.value == owner)
    #expect(pattern.description == text)
    for name in fit { #expect(pattern.matches(.named(name)), "\(name)") }
    for name in others { #expect(!pattern.matches(.named(name)), "\(name)") }
  }

  @Test(
    "what no repository fits is no pattern",
    arguments: ["", "/", "team/", "/team", "a//b", "Team", "te am", "-a/b", "a:b", String(repeating: "a", count: 256)])
  func invalidRepositories(_ text: String) {
    #expect(throws: InvalidRepositoryPattern.self) { try RepositoryPattern(parsing: text) }
  }

  @Test("names of rules and reasons of holds are one line")
  func lines() throws {
    for name in ["release", "r", "Team-1_x.y", String(repeating: "a", count: 64)] {
      #expect(try RuleName(parsing: name).value == name)
    }
    for name in ["", "a/b", "a b", ".a", "-a", "a\n", String(repeating: "a", count: 65)] {
      #expect(throws: InvalidRuleName.self) { try RuleName(parsing: name) }
    }
    #expect(try HoldReason(parsing: "evidence for incident 42").description == "evidence for incident 42")
    for reason in ["", "  ", "a\nb", "\u{1b}[2J", "a\u{2028}b", String(repeating: "a", count: 501)] {
      #expect(throws: InvalidHoldReason.self) { try HoldReason(parsing: reason) }
    }
  }
}
