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
  /// - Throws: `InvalidSyncRule` for the first fault, with its line.
  public init(yaml bytes: [UInt8]) throws(InvalidSyncRule) {
    let root = try SyncFileNode(parsing: bytes).fields(["rules", "target"])
    let target = try root["target"]?.target()
    guard let list = root["rules"] else { throw InvalidSyncRule("the file has no 'rules'") }
    var rules: [SyncRule] = []
    for node in try list.elements() { rules.append(try SyncRule(node, target: target)) }
    guard !rules.isEmpty else { throw InvalidSyncRule("'rules' is empty; name what is to be copied") }
    self.rules = rules
  }
}

extension SyncRule {
  fileprivate init(_ node: SyncFileNode, target: Target?) throws(InvalidSyncRule) {
    let fields = try node.fields([
      "repository", "registry", "repositories", "target", "tags", "platforms", "referrers", "prune",
    ])
    guard let target = try fields["target"]?.target() ?? target else {
      throw node.fault("the rule has no 'target', such as registry.example.org/mirror/alpine")
    }
    self.init(from: try Self.source(fields, node), to: target)
    if let selection = fields["tags"] { tags = try TagSelection(selection) }
    for platform in try fields["platforms"]?.scalars() ?? [] { platforms.append(try platform.platform()) }
    referrers = try fields["referrers"]?.boolean() ?? false
    prunes = try fields["prune"]?.boolean() ?? false
  }

  private static func source(_ fields: [String: SyncFileNode], _ node: SyncFileNode) throws(InvalidSyncRule) -> Source {
    switch (fields["repository"], fields["registry"]) {
    case (let repository?, nil):
      if let misplaced = fields["repositories"] {
        throw misplaced.fault("'repositories' goes with 'registry'; this rule names one 'repository'")
      }
      return try repository.repository()
    case (nil, let registry?):
      let names = try fields["repositories"]?.patterns()
      return .registry(try registry.host(), including: names?.include ?? [], excluding: names?.exclude ?? [])
    case (nil, nil): throw node.fault("the rule has neither 'repository' nor 'registry' to copy from")
    case (.some, let registry?): throw registry.fault("a rule has a 'repository' or a 'registry', and not both")
    }
  }
}

extension TagSelection {
  fileprivate init(_ node: SyncFileNode) throws(InvalidSyncRule) {
    self.init()
    guard node.isMapping else {
      include = try node.globs()
      return
    }
    let fields = try node.fields(["include", "exclude", "regex", "semver", "newest"])
    include = try fields["include"]?.globs() ?? []
    exclude = try fields["exclude"]?.globs() ?? []
    if let regex = fields["regex"] {
      expression = try regex.attempt { try TagExpression(try $0.text()) }
    }
    if let semver = fields["semver"] {
      versions = try semver.attempt { try VersionRange(parsing: try $0.text()) }
    }
    newest = try fields["newest"]?.count()
  }
}
