internal import Catalog
public import YAMLFiles
internal import OCI

extension RetentionPolicy {
  /// Reads a policy, such as
  ///
  ///     rules:
  ///       - name: releases
  ///         tags: ["v*", "!v0.*"]
  ///         keep: always
  ///       - name: builds
  ///         tags: main-*
  ///         keep: {newest: 20, pushed-within: 30d}
  ///       - name: leftovers
  ///         untagged: true
  ///         keep: {newest: 3, pushed-within: 14d}
  ///     pulled-lately: 7d
  ///
  /// - Throws: `InvalidYAML` with the line, what is wrong there and what would be right.
  public init(parsing bytes: [UInt8]) throws(InvalidYAML) {
    let fields = try YAMLNode(parsing: bytes).fields(["rules", "pulled-lately"])
    var rules: [RetentionRule] = []
    for node in try fields.required("rules").elements("a list of rules") {
      let rule = try RetentionRule(node)
      guard !rules.contains(where: { $0.name == rule.name }) else {
        throw node.fault("another rule is called \(quoted(rule.name)), too; a plan could not say which one it was")
      }
      rules.append(rule)
    }
    guard rules.filter({ $0.subject == .untagged }).count <= 1 else {
      throw try fields.required("rules").fault("only one rule can be about what is untagged")
    }
    self.init(rules: rules, pulledLately: try fields["pulled-lately"]?.duration())
  }
}

extension RetentionRule {
  fileprivate init(_ node: YAMLNode) throws(InvalidYAML) {
    let fields = try node.fields(["name", "tags", "untagged", "keep"])
    let subject: Subject
    switch (fields["tags"], fields["untagged"]) {
    case (let tags?, nil):
      do {
        subject = .tags(try TagPatterns(parsing: try tags.values { $0 }))
      } catch let error as InvalidYAML {
        throw error
      } catch {
        throw tags.fault("\(error)")
      }
    case (nil, let untagged?):
      guard try untagged.text() == "true" else {
        throw untagged.fault("a rule is about what is untagged by `untagged: true`, and about tags by `tags:`")
      }
      subject = .untagged
    default:
      throw node.fault("a rule is either about `tags:`, a list of patterns, or about `untagged: true`")
    }
    let keep = try fields.required("keep")
    self.init(
      name: try fields.required("name").text(), subject: subject, keep: try Keep(keep, untagged: subject == .untagged))
  }
}

extension RetentionRule.Keep {
  fileprivate init(_ node: YAMLNode, untagged: Bool) throws(InvalidYAML) {
    guard node.isMapping else {
      switch try node.text() {
      case "always": self = .always
      case "never": self = .never
      default: throw node.fault("keep is always, never, or conditions such as {newest: 10, pushed-within: 30d}")
      }
      return
    }
    let fields = try node.fields(["newest", "by", "pushed-within", "pulled-within"])
    var conditions = KeepConditions()
    if let newest = fields["newest"] {
      guard let count = Int(try newest.text()), count > 0 else {
        throw newest.fault("newest is how many are kept, at least 1; to keep none write `keep: never`")
      }
      conditions.newest = count
    }
    if let by = fields["by"] {
      guard let order = KeepConditions.Order(rawValue: try by.text()), !(untagged && order == .semver) else {
        throw by.fault(untagged ? "by is push or pull for what has no tag" : "by is push, semver or pull")
      }
      guard conditions.newest != nil else { throw by.fault("by says what the newest are; `newest:` is missing") }
      conditions.order = order
    }
    conditions.pushedWithin = try fields["pushed-within"]?.duration()
    conditions.pulledWithin = try fields["pulled-within"]?.duration()
    guard conditions.newest ?? 0 > 0 || conditions.pushedWithin != nil || conditions.pulledWithin != nil else {
      throw node.fault("there is no condition here; one of newest, pushed-within and pulled-within is needed")
    }
    self = .whatFulfils(conditions)
  }
}

extension YAMLNode {
  fileprivate func duration() throws(InvalidYAML) -> Duration {
    try value { try Duration(text: $0) }
  }
}
