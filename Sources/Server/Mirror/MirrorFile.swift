import Catalog
import OCI
import YAMLFiles

/// What the file says that the setting `mirror` names: the registries that are mirrored, and how.
struct MirrorFile: Hashable, Sendable {
  /// One of them.
  struct Entry: Hashable, Sendable {
    let address: RemoteAddress
    let prefix: RepositoryName
    let isRoot: Bool
    /// Patterns of what may be mirrored; empty stands for everything.
    let repositories: [Glob]
    let visibility: Visibility
    let revalidateAfter: Duration

    var host: RegistryHost { address.host }
  }

  let entries: [Entry]
  /// How long it is remembered that an upstream does not have something.
  let absentFor: Duration
}

extension MirrorFile {
  /// Reads a mirror file, in which nothing may stand that is not understood.
  ///
  /// - Throws: `InvalidYAML` for the first fault, with its line and what would be right.
  init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    let root = try YAMLNode(parsing: bytes)
    let fields = try root.fields(["upstreams", "negative-cache"])
    absentFor = try fields["negative-cache"]?.duration(upTo: .seconds(3600)) ?? .seconds(30)
    guard let list = fields["upstreams"] else {
      throw root.fault("'upstreams' is missing: a list of registries, each beginning with '- registry: …'")
    }
    var entries: [Entry] = []
    for node in try list.elements("a list of registries, each beginning with '- registry: …'") {
      let entry = try Entry(node)
      if entries.contains(where: { $0.host == entry.host }) {
        throw node.fault("\(entry.host) is mirrored already; name each registry once")
      }
      if entries.contains(where: { $0.prefix == entry.prefix }) {
        throw node.fault("there is a registry with the prefix \(entry.prefix) already; give this one another")
      }
      if entry.isRoot, entries.contains(where: \.isRoot) {
        throw node.fault("there is a registry at the root already; only one can be")
      }
      entries.append(entry)
    }
    guard !entries.isEmpty else { throw list.fault("the file names no registry; leave the setting out") }
    self.entries = entries
  }
}

extension MirrorFile.Entry {
  private static let keys =
    RemoteAddress.keys + ["prefix", "root", "repositories", "visibility", "revalidate-after"]

  fileprivate init(_ node: YAMLNode) throws(InvalidYAML) {
    let fields = try node.fields(Self.keys)
    address = try RemoteAddress(fields, of: node)
    let own = try fields["prefix"]?.value { try RepositoryName(parsing: $0) }
    if let own { prefix = own } else { prefix = try Self.prefix(of: address.host, fields["registry"] ?? node) }
    isRoot = try fields["root"]?.value { try Bool(parsing: $0) } ?? false
    repositories = try Self.patterns(fields["repositories"])
    visibility = try fields["visibility"]?.visibility() ?? .internal
    revalidateAfter = try fields["revalidate-after"]?.duration(upTo: .seconds(30 * 86_400)) ?? .seconds(300)
  }

  private static func prefix(
    of host: RegistryHost, _ node: YAMLNode
  ) throws(InvalidYAML) -> RepositoryName {
    do {
      return try RepositoryName(parsing: host.description)
    } catch {
      throw node.fault(
        "no repository's name can begin with \(host), so say by 'prefix' what they begin with here, such as 'mirror'")
    }
  }

  private static func patterns(_ node: YAMLNode?) throws(InvalidYAML) -> [Glob] {
    try node?.values { try Glob($0) } ?? []
  }
}

extension YAMLNode {
  fileprivate func visibility() throws(InvalidYAML) -> Visibility {
    let text = try text()
    guard let visibility = Visibility(rawValue: text) else {
      let known = Visibility.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("\(quoted(text)) is no visibility; known are \(known)")
    }
    return visibility
  }
}
