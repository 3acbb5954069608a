internal import OCI
public import YAMLFiles

/// A file of rules, in YAML:
///
///     rules:
///       - repository: docker.io/library/alpine
///         target: registry.example.org/mirror/alpine
///         tags: { include: ["3.*"], exclude: ["*-rc*"], semver: ">=3.18", newest: 5 }
///         platforms: [linux/amd64, linux/arm64]
///         prune: true
///       - registry: localhost:5000
///         repositories: { include: ["team/**"], exclude: ["team/scratch/**"] }
///         target: registry.example.org/backup
///         referrers: true
///
/// A `target` beside `rules` holds for the rules that name none. Nothing may stand in it that is not understood.
public struct SyncFile: Sendable {
  /// The rules in their order.
  public let rules: [SyncRule]

  /// Reads a file.
  ///
  /// - Throws: `InvalidYAML` for the first fault, with its line.
  public init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    let root = try YAMLNode(parsing: bytes)
    let fields = try root.fields(["rules", "target"])
    let target = try fields["target"]?.target()
    guard let list = fields["rules"] else { throw root.fault("the file has no 'rules'") }
    var rules: [SyncRule] = []
    for node in try list.elements("a list of rules") { rules.append(try SyncRule(node, target: target)) }
    guard !rules.isEmpty else { throw list.fault("'rules' is empty; name what is to be copied") }
    self.rules = rules
  }
}

extension SyncRule {
  fileprivate init(_ node: YAMLNode, target: Target?) throws(InvalidYAML) {
    let fields = try node.fields([
      "repository", "registry", "repositories", "target", "tags", "platforms", "referrers", "prune",
    ])
    guard let target = try fields["target"]?.target() ?? target else {
      throw node.fault("the rule has no 'target', such as registry.example.org/mirror/alpine")
    }
    self.init(from: try Self.source(fields, node), to: target)
    if let selection = fields["tags"] { tags = try TagSelection(selection) }
    platforms = try fields["platforms"]?.values { try Platform(parsing: $0) } ?? []
    referrers = try fields["referrers"]?.boolean() ?? false
    prunes = try fields["prune"]?.boolean() ?? false
  }

  private static func source(_ fields: YAMLNode.Fields, _ node: YAMLNode) throws(InvalidYAML) -> Source {
    switch (fields["repository"], fields["registry"]) {
    case (let repository?, nil):
      if let misplaced = fields["repositories"] {
        throw misplaced.fault("'repositories' goes with 'registry'; this rule names one 'repository'")
      }
      return try repository.repository()
    case (nil, let registry?):
      let names = try fields["repositories"]?.patterns()
      return .registry(
        try registry.value { try RegistryHost(parsing: $0) }, including: names?.include ?? [],
        excluding: names?.exclude ?? [])
    case (nil, nil): throw node.fault("the rule has neither 'repository' nor 'registry' to copy from")
    case (.some, let registry?): throw registry.fault("a rule has a 'repository' or a 'registry', and not both")
    }
  }
}

extension TagSelection {
  fileprivate init(_ node: YAMLNode) throws(InvalidYAML) {
    self.init()
    guard node.isMapping else {
      include = try node.globs()
      return
    }
    let fields = try node.fields(["include", "exclude", "regex", "semver", "newest"])
    include = try fields["include"]?.globs() ?? []
    exclude = try fields["exclude"]?.globs() ?? []
    if let regex = fields["regex"] {
      expression = try regex.value { try TagExpression($0) }
    }
    if let semver = fields["semver"] {
      versions = try semver.value { try VersionRange(parsing: $0) }
    }
    newest = try fields["newest"]?.count()
  }
}

extension YAMLNode {
  fileprivate func boolean() throws(InvalidYAML) -> Bool {
    switch try text() {
    case "true": return true
    case "false": return false
    default: throw fault("here should be true or false")
    }
  }

  fileprivate func count() throws(InvalidYAML) -> Int {
    guard let count = Int(try text()), count > 0 else { throw fault("here should be a number from 1 on") }
    return count
  }

  fileprivate func globs() throws(InvalidYAML) -> [Glob] { try values { try Glob($0) } }

  /// Patterns to include, or a mapping of those and of what to exclude.
  fileprivate func patterns() throws(InvalidYAML) -> (include: [Glob], exclude: [Glob]) {
    guard isMapping else { return (try globs(), []) }
    let fields = try fields(["include", "exclude"])
    return (try fields["include"]?.globs() ?? [], try fields["exclude"]?.globs() ?? [])
  }

  fileprivate func target() throws(InvalidYAML) -> SyncRule.Target { try value { try SyncRule.Target(parsing: $0) } }

  fileprivate func repository() throws(InvalidYAML) -> SyncRule.Source {
    try value { text in
      let image = try ImageReference(parsing: text)
      guard image.tag == nil, image.digest == nil else {
        throw InvalidSyncRule("a repository has no tag here; say which tags by 'tags'")
      }
      return .repository(image.registry, image.repository)
    }
  }
}
