import Catalog
import OCI
import Registry
import RegistryClient
import Testing
import YAMLFiles

@testable import Server

@Suite("The replication file")
struct ReplicationFileTests {
  private func parse(_ yaml: String) throws -> ReplicationFile { try ReplicationFile(yaml: Array(yaml.utf8)) }

  @Test("says with a few words what most want")
  func shortest() throws {
    let file = try parse(
      """
      targets: {backup: {registry: registry.example.org}}
      rules: [{name: all, target: backup, repositories: "**"}]
      """)
    #expect(file.targets["backup"]?.endpoint == RegistryEndpoint(scheme: .https, host: "registry.example.org"))
    let rule = try #require(file.rules.first)
    #expect(rule.name.value == "all" && rule.target == "backup" && rule.repositories.map(\.pattern) == ["**"])
    #expect(rule.tags == ReplicationRule.Tags() && rule.labels.isEmpty && rule.naming == TargetNaming())
    #expect(rule.onPush && rule.schedule == nil && !rule.deletes && rule.referrers)
  }

  @Test("says everything that can be said")
  func everything() throws {
    let file = try parse(
      """
      targets:
        backup:
          registry: registry.example.org:5000
          url: http://10.0.0.5:8080
          username: somebody
          password-file: /etc/token
          ca: /etc/ca.pem
          prefix: mirror/site-a
      rules:
        - name: releases
          target: backup
          repositories: [team/*, "library/**"]
          tags: ["v*", "!*-rc*"]
          labels: {stage: prod*}
          rename: {from: team, to: crew}
          on: push
          schedule: 6h
          deletes: true
          referrers: false
        - name: nightly
          target: backup
          repositories: other
          schedule: 1d
      """)
    let target = try #require(file.targets["backup"])
    #expect(
      target.endpoint
        == RegistryEndpoint(scheme: .http, host: "10.0.0.5:8080", tls: TLSSettings(authorities: ["/etc/ca.pem"])))
    #expect(target.login == RemoteLogin(user: "somebody", passwordFile: "/etc/token"))
    let rule = try #require(file.rules.first)
    #expect(rule.tags == .init(including: [try Glob("v*")], excluding: [try Glob("*-rc*")]))
    #expect(rule.labels == ["stage": try Glob("prod*")])
    let name = try RepositoryName(parsing: "team/app")
    #expect(try rule.naming.name(of: name).value == "mirror/site-a/crew/app")
    #expect(rule.onPush && rule.schedule == .seconds(6 * 3600) && rule.deletes && !rule.referrers)
    #expect(!file.rules[1].onPush && file.rules[1].schedule == .seconds(86_400))
  }

  private static let head = "targets: {a: {registry: localhost}}\nrules:\n  - "

  @Test(
    "is refused with the line and what would be right",
    arguments: [
      ("", "the file is empty"), ("rules: []", "line 1: 'targets' is missing here"),
      ("targets: {a: {registry: localhost}}", "line 1: 'rules' is missing here"),
      ("targets: {a: {registry: localhost}}\nrules: []", "line 2: the file has no rule"),
      ("targets: {a: {}}\nrules: []", "line 1: 'registry' is missing here"),
      (head + "{target: a, repositories: b}", "line 3: 'name' is missing here"),
      (head + "{name: A, target: a, repositories: b}", "line 3: the name of a rule has up to 64"),
      (head + "{name: x, target: b, repositories: b}", "line 3: there is no target \"b\"; 'targets' has a"),
      (head + "{name: x, target: a}", "line 3: 'repositories' is missing here"),
      (head + "{name: x, target: a, repositories: []}", "line 3: the list is empty"),
      (head + "{name: x, target: a, repositories: b, on: pull}", "line 3: 'on' is push"),
      (head + "{name: x, target: a, repositories: b, schedule: 5s}", "line 3: that is too often; the limit is 1m"),
      (head + "{name: x, target: a, repositories: b, rename: {}}", "line 3: here should be 'from'"),
      (head + "{name: x, target: a, repositories: b, labels: {}}", "line 3: here is no label"),
      (head + "{name: x, target: a, repositories: b, tags: ['!']}", "line 3: a pattern has from 1 to 512 bytes"),
      (head + "{name: x, target: a, repositories: b, delete: true}", "line 3: \"delete\" is not known here"),
      (
        head + "{name: x, target: a, repositories: b}\n  - {name: x, target: a, repositories: b}",
        "line 4: there is a rule x already"
      ),
    ])
  func refused(_ yaml: String, reason: String) {
    do {
      _ = try parse(yaml)
      Issue.record("it was taken")
    } catch {
      #expect("\(error)".hasPrefix(reason), "\(error)")
    }
  }
}
