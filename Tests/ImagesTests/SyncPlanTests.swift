import Images
import OCI
import Testing
import YAMLFiles

@Suite struct SyncPlanTests {
  private static let releases = [
    "latest", "v1.0.0", "v1.2.0", "v1.10.0", "v2.0.0-rc.1", "v2.0.0", "2.1", "nightly-2026-01-02", "alpine",
  ]

  private static func tags(_ texts: [String]) -> [OCI.Tag] { texts.map { try! OCI.Tag(parsing: $0) } }

  @Test(arguments: [
    ("tags: ['v1.*']", ["v1.10.0", "v1.2.0", "v1.0.0"]),
    ("tags: { include: 'v*', exclude: ['*-rc*', v1.0.0] }", ["v2.0.0", "v1.10.0", "v1.2.0"]),
    ("tags: { regex: 'v\\d\\.\\d\\.\\d' }", ["v2.0.0", "v1.2.0", "v1.0.0"]),
    ("tags: { semver: '>=1.2 <2' }", ["v1.10.0", "v1.2.0"]),
    ("tags: { semver: '^1.0.0' }", ["v1.10.0", "v1.2.0", "v1.0.0"]),
    ("tags: { semver: '~1.2 || 2.x' }", ["2.1", "v2.0.0", "v1.2.0"]),
    ("tags: { semver: '>=2.0.0-rc.0' }", ["2.1", "v2.0.0", "v2.0.0-rc.1"]),
    ("tags: { semver: '1.10.0' }", ["v1.10.0"]),
    ("tags: { semver: '*' }", ["2.1", "v2.0.0", "v1.10.0", "v1.2.0", "v1.0.0"]),
    ("tags: { newest: 2 }", ["2.1", "v2.0.0"]),
    ("tags: { include: 'v1.*', newest: 1 }", ["v1.10.0"]),
    ("tags: latest", ["latest"]),
  ])
  func `a rule selects tags, the newest first`(yaml: String, expected: [String]) throws {
    let rule = try #require(try rules(yaml).first)
    #expect(rule.tags.select(Self.tags(Self.releases)).map(\.value) == expected)
  }

  @Test(arguments: [
    "sha256-\(String(repeating: "a", count: 64))", "sha256-\(String(repeating: "a", count: 64)).sig",
  ])
  func `tags that hold signatures are no tags of their own`(text: String) throws {
    #expect(TagSelection().select(Self.tags([text])).isEmpty)
  }

  @Test func `the plan names source and target of each image`() throws {
    let plan = try plan("tags: { newest: 1 }", source: ["1.0", "2.0"], target: [])
    #expect(plan.description == "copy docker.io/library/alpine:2.0 to mirror.example.org/hub/alpine:2.0")
  }

  @Test func `pruning takes what the rule covers and does not want, and nothing else`() throws {
    let target = ["1.0", "2.0", "3.0", "mine", "4.0-local"]
    let plan = try plan(
      "tags: { semver: '*', newest: 2 }\n    prune: true", source: ["1.0", "2.0", "3.0"], target: target)
    #expect(plan.copies.map(\.source.tag?.value) == ["3.0", "2.0"])
    #expect(plan.removals.map(\.target.tag?.value) == ["1.0"])
  }

  @Test func `without being told to, nothing is pruned`() throws {
    #expect(try plan("tags: '*'", source: ["1.0"], target: ["old"]).removals.isEmpty)
  }

  @Test func `a source that holds nothing does not empty the target`() throws {
    let plan = try plan("tags: '*'\n    prune: true", source: [], target: ["1.0", "2.0"])
    #expect(plan.removals.isEmpty)
    #expect(plan.failures.map(\.description).contains { $0.contains("2 tags") })
  }

  @Test func `repositories of a registry keep their names below the target's path`() throws {
    let file = """
      target: backup.example.org/all
      rules:
        - registry: localhost:5000
          repositories: { include: ['team/**'], exclude: 'team/x' }
      """
    let rule = try SyncFile(yaml: Array(file.utf8)).rules[0]
    guard case .registry(let host, let including, let excluding) = rule.source else {
      Issue.record("\(rule.source)")
      return
    }
    #expect("\(host)" == "localhost:5000")
    #expect((including.map(\.pattern), excluding.map(\.pattern)) == (["team/**"], ["team/x"]))
    #expect("\(try rule.targetRepository(of: RepositoryName(parsing: "team/app")))" == "all/team/app")
  }

  @Test(arguments: [
    ("", "empty"),
    ("rules: []", "'rules' is empty"),
    ("rules:\n- target: a.example.org/b", "line 2: the rule has neither"),
    ("rules:\n- repository: alpine", "has no 'target'"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  tag: x", "line 4: \"tag\" is not known"),
    ("rules:\n- repository: alpine:3\n  target: a.example.org/b", "line 2: a repository has no tag"),
    ("rules:\n- repository: alpine\n  registry: b\n  target: a.example.org/b", "not both"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  tags: { regex: '(' }", "no regular expression"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  tags: { semver: 'new' }", "no range of versions"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  tags: { newest: 0 }", "number from 1"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  prune: maybe", "true or false"),
    ("rules:\n- repository: alpine\n  target: a.example.org/UPPER", "line 3"),
    ("rules:\n- repository: alpine\n  target: a.example.org/b\n  platforms: [linux]", "line 4: \"linux\" is not a"),
    ("a: [", "not YAML"),
  ])
  func `a fault in the file is named with its line`(yaml: String, reason: String) throws {
    let error = #expect(throws: InvalidYAML.self) { try SyncFile(yaml: Array(yaml.utf8)) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  private func rules(_ yaml: String) throws -> [SyncRule] {
    let file = "rules:\n  - repository: alpine\n    target: mirror.example.org/hub/alpine\n    \(yaml)"
    return try SyncFile(yaml: Array(file.utf8)).rules
  }

  private func plan(_ yaml: String, source: [String], target: [String]) throws -> SyncPlan {
    let listing = SyncListing(
      rule: 0, source: try ImageReference(parsing: "alpine"),
      target: try ImageReference(parsing: "mirror.example.org/hub/alpine"), sourceTags: Self.tags(source),
      targetTags: Self.tags(target))
    return SyncPlan(try rules(yaml), [listing])
  }
}
