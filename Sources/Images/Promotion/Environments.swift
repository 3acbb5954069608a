public import OCI
public import YAMLFiles

/// A file of the environments that images are promoted through, in YAML, the first one first:
///
///     environments:
///       - name: dev
///         repositories: dev
///       - name: staging
///         repositories: staging
///         from: dev
///       - name: prod
///         registry: registry.example.org
///         repositories: prod
///         from: staging
///
/// What is called `team/api` is `dev/team/api` in the first of them. Nothing may stand in the file that is not understood.
public struct Environments: Sendable {
  /// Where one environment's images are.
  public struct Environment: Hashable, Sendable {
    /// What it is called.
    public let name: String
    /// Its registry; nil for the server that a command speaks to.
    public let registry: RegistryHost?
    /// What the names of its repositories begin with; nil for nothing.
    public let prefix: RepositoryName?
    /// The only environments that it takes images from; empty for any.
    public let sources: [String]

    /// What a repository of all environments is called in this one.
    ///
    /// - Throws: where the whole name is too long.
    public func repository(_ name: RepositoryName) throws(InvalidRepositoryName) -> RepositoryName {
      guard let prefix else { return name }
      return try RepositoryName(parsing: "\(prefix)/\(name)")
    }
  }

  /// The environments in their order.
  public let all: [Environment]

  /// Reads a file.
  ///
  /// - Throws: `InvalidYAML` for the first fault, with its line.
  public init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    let list = try YAMLNode(parsing: bytes).fields(["environments"]).required("environments")
    var all: [Environment] = []
    for node in try list.elements("a list of environments") {
      let fields = try node.fields(["name", "registry", "repositories", "from"])
      let named = try fields.required("name")
      let name = try named.text()
      guard !all.contains(where: { $0.name == name }) else { throw named.fault("there are two called \(quoted(name))") }
      for source in try fields["from"]?.scalars() ?? [] {
        let text = try source.text()
        guard all.contains(where: { $0.name == text }) else {
          throw source.fault("\(quoted(text)) is no environment that stands above this one")
        }
      }
      all.append(
        Environment(
          name: name, registry: try fields["registry"]?.value { try RegistryHost(parsing: $0) },
          prefix: try fields["repositories"]?.value { try RepositoryName(parsing: $0) },
          sources: try fields["from"]?.values { $0 } ?? []))
    }
    guard !all.isEmpty else { throw list.fault("'environments' is empty; name at least one") }
    self.all = all
  }

  /// The environment of a name.
  ///
  /// - Throws: `ImagesError` of the code `missing`.
  public func named(_ name: String) throws(ImagesError) -> Environment {
    if let found = all.first(where: { $0.name == name }) { return found }
    throw ImagesError(
      .missing, "there is no environment \(quoted(name)); there are \(all.map(\.name).joined(separator: ", "))")
  }

  /// The environments of a promotion.
  ///
  /// - Throws: `ImagesError` of the code `missing` for one that there is not, and `unsupported` where the second does not
  ///   take images from the first.
  public func path(from source: String, to target: String) throws(ImagesError) -> (Environment, Environment) {
    let (source, target) = (try named(source), try named(target))
    guard target.sources.isEmpty || target.sources.contains(source.name) else {
      throw ImagesError(
        .unsupported,
        "\(target.name) takes images from \(target.sources.joined(separator: " and ")), not from \(source.name)")
    }
    return (source, target)
  }
}
