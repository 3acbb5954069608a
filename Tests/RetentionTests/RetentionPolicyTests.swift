import Catalog
import OCI
import Retention
import Testing
import YAMLFiles

@Suite("A retention policy")
struct RetentionPolicyTests {
  private func plan(_ yaml: String, _ tags: [(String, days: Int)], pulled: [String: Int] = [:]) throws -> [String] {
    var contents = RepositoryContents()
    for (place, tag) in zip(Int32(0)..., tags) {
      let pushed = RepositoryContents.moment - .seconds(tag.days * 86_400)
      contents.manifests.append(
        .init(
          id: Int64(place), digest: Digest.of(Array(tag.0.utf8)), size: 1, pushedAt: pushed,
          pulledAt: pulled[tag.0].map { RepositoryContents.moment - .seconds($0 * 86_400) }))
      contents.tags.append(.init(id: Int64(place), tag: try Tag(parsing: tag.0), manifest: place, beganAt: pushed))
    }
    let policy = try RetentionPolicy(parsing: Array(yaml.utf8))
    let plan = RetentionPlan(policy, for: contents, at: RepositoryContents.moment)
    return zip(tags, plan.tags).compactMap { $1.isKept ? $0.0 : nil }
  }

  @Test("decides by the first rule that a tag fits, and keeps what fits none")
  func firstMatch() throws {
    let yaml = """
      rules:
        - {name: releases, tags: ["v*", "!v0.*"], keep: always}
        - {name: old releases, tags: "v*", keep: never}
        - {name: builds, tags: ["main-*", "pr-*"], keep: {newest: 1}}
      """
    let tags = [("v1.0.0", 900), ("v0.9.0", 1), ("main-1", 30), ("main-2", 20), ("pr-7", 10), ("latest", 500)]
    #expect(try plan(yaml, tags.map { ($0.0, days: $0.1) }) == ["v1.0.0", "pr-7", "latest"])
  }

  @Test("keeps the newest by versions, and leaves alone what is no version")
  func versions() throws {
    let yaml = "rules: [{name: releases, tags: 'v*', keep: {newest: 2, by: semver}}]"
    let tags = ["v1.9.0", "v1.10.0", "v2.0.0-rc.1", "v1.2.0", "vnext"].map { ($0, days: 9) }
    #expect(try plan(yaml, tags) == ["v1.10.0", "v2.0.0-rc.1", "vnext"])
  }

  @Test("keeps what fulfils one of several conditions")
  func conditions() throws {
    let yaml = """
      rules: [{name: builds, tags: "b*", keep: {newest: 1, pushed-within: 3d, pulled-within: 30d}}]
      pulled-lately: 1h
      """
    let tags = [("b1", days: 90), ("b2", days: 60), ("b3", days: 2), ("b4", days: 1)]
    #expect(try plan(yaml, tags, pulled: ["b1": 10, "b2": 40]) == ["b1", "b3", "b4"])
    let byPull = "rules: [{name: builds, tags: 'b*', keep: {newest: 1, by: pull}}]\npulled-lately: 1h"
    #expect(try plan(byPull, tags, pulled: ["b1": 10, "b2": 40]) == ["b1"])
  }

  @Test(
    "that is wrong is an error with the line and what would be right",
    arguments: [
      ("rules:\n  - {name: a, tags: '*', keep: forever}", 2, "keep is always, never, or conditions"),
      ("rules:\n  - {name: a, keep: never}", 2, "either about `tags:`"),
      ("rules:\n  - {name: a, tags: '*', untagged: true, keep: never}", 2, "either about `tags:`"),
      ("rules:\n  - {name: a, untagged: yes, keep: never}", 2, "`untagged: true`"),
      ("rules:\n  - {name: a, untagged: true, keep: {newest: 2, by: semver}}", 2, "by is push or pull"),
      ("rules:\n  - {name: a, tags: '*', keep: {newest: 0}}", 2, "at least 1"),
      ("rules:\n  - {name: a, tags: '*', keep: {}}", 2, "one of newest, pushed-within and pulled-within"),
      ("rules:\n  - {name: a, tags: '*', keep: {by: pull, pulled-within: 1d}}", 2, "`newest:` is missing"),
      ("rules:\n  - {name: a, tags: '*', keep: {pushed-within: 3 days}}", 2, "not a duration"),
      ("rules:\n  - {name: a, tags: '!', keep: never}", 2, "tags are chosen by"),
      ("rules:\n  - {name: a, tags: '*', keep: never}\n  - {name: a, tags: '*', keep: never}", 3, "called \"a\", too"),
      ("rules:\n  - {name: a, untagged: true, keep: never}\n  - {name: b, untagged: true, keep: never}", 2, "only one"),
      ("rules: []\nkeep: 3d", 2, "known are rules, pulled-lately"),
    ])
  func wrong(yaml: String, line: Int, reason: String) throws {
    let error = try #require(throws: InvalidYAML.self) { try RetentionPolicy(parsing: Array(yaml.utf8)) }
    #expect(error.line == line)
    #expect(error.description.contains(reason), "\(error)")
  }
}
