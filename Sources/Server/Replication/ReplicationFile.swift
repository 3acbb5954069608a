import Catalog
import OCI
import Registry
import YAMLFiles

/// What the file says that the setting `replication` names: what other registries are to have, and where they are.
struct ReplicationFile: Hashable, Sendable {
  /// The targets by their names.
  let targets: [String: RemoteAddress]
  /// The rules in their order.
  let rules: [ReplicationRule]
}

extension ReplicationFile {
  /// More rules than this are a fault of whoever made the file.
  private static let mostRules = 100

  /// Reads a replication file, in which nothing may stand that is not understood.
  ///
  /// - Throws: `InvalidYAML` for the first fault, with its line and what would be right.
  init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    let root = try YAMLNode(parsing: bytes)
    let fields = try root.fields(["targets", "rules"])
    var targets: [String: Target] = [:]
    for (name, node) in try fields.required("targets").members("a mapping of names to registries") {
      targets[name.text] = try Target(node)
    }
    var rules: [ReplicationRule] = []
    let list = try fields.required("rules")
    for node in try list.elements("a list of rules, each beginning with '- name: …'") {
      let rule = try ReplicationRule(node, targets)
      if rules.contains(where: { $0.name == rule.name }) {
        throw node.fault("there is a rule \(rule.name) already; give this one another name")
      }
      rules.append(rule)
    }
    guard !rules.isEmpty else { throw list.fault("the file has no rule; leave the setting out") }
    guard rules.count <= Self.mostRules else {
      throw list.fault("there are \(rules.count) rules, and \(Self.mostRules) are the limit; patterns take many names")
    }
    self.targets = targets.mapValues(\.address)
    self.rules = rules
  }

  /// A registry as the file says it.
  fileprivate struct Target {
    let address: RemoteAddress
    let prefix: RepositoryName?

    init(_ node: YAMLNode) throws(InvalidYAML) {
      let fields = try node.fields(RemoteAddress.keys + ["prefix"])
      address = try RemoteAddress(fields, of: node)
      prefix = try fields["prefix"]?.repositoryName()
    }
  }
}

extension ReplicationRule {
  private static let keys = [
    "name", "target", "repositories", "tags", "labels", "rename", "on", "schedule", "deletes", "referrers",
  ]

  fileprivate init(_ node: YAMLNode, _ targets: [String: ReplicationFile.Target]) throws(InvalidYAML) {
    let fields = try node.fields(Self.keys)
    let targetNode = try fields.required("target")
    let name = try targetNode.text()
    guard let target = targets[name] else {
      let known = targets.keys.sorted().joined(separator: ", ")
      throw targetNode.fault("there is no target \(quoted(name)); 'targets' has \(known)")
    }
    let schedule = try fields["schedule"]?.interval()
    self.init(
      name: try fields.required("name").value { try ReplicationRuleName(parsing: $0) }, target: name,
      repositories: try fields.required("repositories").values { try Glob($0) },
      tags: try fields["tags"]?.tags() ?? Tags(), labels: try fields["labels"]?.labels() ?? [:],
      naming: try Self.naming(target.prefix, fields["rename"]),
      onPush: try fields["on"]?.isOnPush() ?? (schedule == nil), schedule: schedule,
      deletes: try fields["deletes"]?.value { try Bool(parsing: $0) } ?? false,
      referrers: try fields["referrers"]?.value { try Bool(parsing: $0) } ?? true)
  }

  private static func naming(_ prefix: RepositoryName?, _ node: YAMLNode?) throws(InvalidYAML) -> TargetNaming {
    guard let node else { return TargetNaming(prefix: prefix) }
    let fields = try node.fields(["from", "to"])
    let (from, to) = (try fields["from"]?.repositoryName(), try fields["to"]?.repositoryName())
    guard from != nil || to != nil else {
      throw node.fault("here should be 'from', what names begin with, or 'to', what takes its place, or both")
    }
    return TargetNaming(prefix: prefix, from: from, to: to)
  }
}

extension YAMLNode {
  fileprivate func repositoryName() throws(InvalidYAML) -> RepositoryName {
    try value { try RepositoryName(parsing: $0) }
  }

  /// Patterns, those behind a `!` of what is left out.
  fileprivate func tags() throws(InvalidYAML) -> ReplicationRule.Tags {
    var (including, excluding): ([Glob], [Glob]) = ([], [])
    for node in try scalars() {
      if try node.text().hasPrefix("!") {
        excluding.append(try node.value { try Glob(String($0.dropFirst())) })
      } else {
        including.append(try node.value { try Glob($0) })
      }
    }
    return ReplicationRule.Tags(including: including, excluding: excluding)
  }

  fileprivate func labels() throws(InvalidYAML) -> [String: Glob] {
    var labels: [String: Glob] = [:]
    for (name, value) in try members("a mapping of labels to patterns of their values") {
      labels[name.text] = try value.value { try Glob($0) }
    }
    guard !labels.isEmpty else { throw fault("here is no label; leave 'labels' out") }
    return labels
  }

  fileprivate func isOnPush() throws(InvalidYAML) -> Bool {
    guard try text() == "push" else {
      throw fault("'on' is push; leave it out, beside a 'schedule', for a rule that does not wait for pushes")
    }
    return true
  }

  fileprivate func interval() throws(InvalidYAML) -> Duration {
    let interval = try duration(upTo: .seconds(365 * 86_400))
    guard interval >= .seconds(60) else { throw fault("that is too often; the limit is 1m") }
    return interval
  }
}
