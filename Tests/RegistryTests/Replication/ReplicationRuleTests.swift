import Catalog
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("A replication rule")
struct ReplicationRuleTests {
  private static let digest = Digest.of(Array("image".utf8))
  private static let subject = Digest.of(Array("subject".utf8))

  private func rule(
    tags: ReplicationRule.Tags = .init(), deletes: Bool = false, referrers: Bool = true,
    naming: TargetNaming = TargetNaming()
  ) throws -> ReplicationRule {
    ReplicationRule(
      name: try ReplicationRuleName(parsing: "rule"), target: "there", repositories: [try Glob("team/*")], tags: tags,
      naming: naming, deletes: deletes, referrers: referrers)
  }

  private func event(
    _ action: AuditEvent.Action, _ subject: String, in repository: String? = "team/app",
    outcome: AuditEvent.Outcome = .done, _ detail: [String: String] = [:]
  ) -> AuditEvent {
    AuditEvent(
      actor: .somebody, action: action, outcome: outcome, repository: repository, subject: subject, detail: detail)
  }

  @Test("wants a tag that moved, in the repositories that it names, and nothing of what was denied or is about others")
  func moves() throws {
    let rule = try rule()
    #expect(rule.references(changedBy: event(.tagMove, "v1")) == [.tag(.named("v1"))])
    for other in [
      event(.tagMove, "v1", in: "team/app/deep"), event(.tagMove, "v1", in: nil), event(.push, "v1", outcome: .denied),
      event(.tagMove, "v1", outcome: .denied), event(.tagMove, "no tag"), event(.tagMove, "v1", in: "Not A Name"),
      event(.blobDelete, Self.digest.description), event(.login, "somebody"),
    ] {
      #expect(rule.references(changedBy: other) == [], "\(other)")
    }
  }

  @Test(
    "wants tags that fit one pattern, if there is any, and none of what is left out",
    arguments: [
      ("v1", [], [], true), ("v1", ["v*"], [], true), ("latest", ["v*"], [], false),
      ("v1-rc1", ["v*"], ["*-rc*"], false), ("latest", [], ["*-rc*"], true), ("latest", ["v*", "latest"], [], true),
    ] as [(String, [String], [String], Bool)])
  func tags(_ tag: String, including: [String], excluding: [String], isWanted: Bool) throws {
    let rule = try rule(
      tags: .init(including: including.map { try Glob($0) }, excluding: excluding.map { try Glob($0) }))
    #expect(rule.references(changedBy: event(.tagMove, tag)).isEmpty != isWanted)
  }

  @Test("wants what is gone looked at only where it deletes")
  func deletes() throws {
    let tagDelete = event(.tagDelete, "v1", ["digest": Self.digest.description])
    let manifestDelete = event(.manifestDelete, Self.digest.description, ["tags": "v1 v2"])
    let signatureDelete = event(
      .manifestDelete, Self.digest.description, ["subject": Self.subject.description])
    for change in [tagDelete, manifestDelete, signatureDelete] {
      #expect(try rule().references(changedBy: change) == [])
    }
    let rule = try rule(deletes: true)
    #expect(rule.references(changedBy: tagDelete) == [.tag(.named("v1"))])
    #expect(rule.references(changedBy: manifestDelete) == [.tag(.named("v1")), .tag(.named("v2"))])
    #expect(rule.references(changedBy: signatureDelete) == [.digest(Self.digest)])
  }

  @Test("wants what refers to an image where it wants referrers, in both schemes, and no lists of them")
  func referrers() throws {
    let push = event(.manifestPush, Self.digest.description, ["subject": Self.subject.description])
    let signature = event(.tagMove, "sha256-\(Self.subject.hex).sig")
    let list = event(.tagMove, "sha256-\(Self.subject.hex)")
    let rule = try rule(tags: .init(including: [try Glob("v*")]))
    #expect(rule.references(changedBy: push) == [.digest(Self.digest)])
    #expect(rule.references(changedBy: signature) == [.tag(.named(signature.subject))])
    #expect(rule.references(changedBy: list) == [])
    #expect(rule.references(changedBy: event(.manifestPush, Self.digest.description)) == [])
    for change in [push, signature, list] {
      #expect(try self.rule(referrers: false).references(changedBy: change) == [])
    }
  }

  @Test(
    "knows what a repository is called at its target",
    arguments: [
      ("team/app", nil, nil, nil, "team/app"), ("team/app", "mirror", nil, nil, "mirror/team/app"),
      ("team/app", nil, "team", "crew/one", "crew/one/app"), ("team/app", "m", "team", nil, "m/app"),
      ("team/app", nil, nil, "all", "all/team/app"), ("teams/app", nil, "team", "crew", "teams/app"),
    ] as [(String, String?, String?, String?, String)])
  func naming(_ name: String, prefix: String?, from: String?, to: String?, expected: String) throws {
    let naming = TargetNaming(
      prefix: prefix.map { .named($0) }, from: from.map { .named($0) }, to: to.map { .named($0) })
    #expect(try naming.name(of: .named(name)).value == expected)
  }

  @Test("refuses names that are too long at the target, and those of which nothing is left")
  func names() {
    let long = RepositoryName.named(String(repeating: "a", count: 200))
    #expect(throws: InvalidRepositoryName.self) { try TargetNaming(prefix: long).name(of: long) }
    #expect(throws: InvalidRepositoryName.self) { try TargetNaming(from: .named("team")).name(of: .named("team")) }
  }
}
