import Catalog
import OCI
import RegistryClient
import YAMLFiles

/// What the file says that the setting `mirror` names: the registries that are mirrored, and how.
struct MirrorFile: Hashable, Sendable {
  /// One of them.
  struct Entry: Hashable, Sendable {
    let host: RegistryHost
    /// Where it is reached.
    let endpoint: RegistryEndpoint
    let prefix: RepositoryName
    let isRoot: Bool
    let login: Login?
    /// Patterns of what may be mirrored; empty stands for everything.
    let repositories: [Glob]
    let visibility: Visibility
    let revalidateAfter: Duration
  }

  /// A name, and the file that its password is read from each time it is needed.
  struct Login: Hashable, Sendable {
    let user: String
    let passwordFile: String
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
  private static let keys = [
    "registry", "url", "prefix", "root", "username", "password-file", "repositories", "visibility",
    "revalidate-after", "ca",
  ]

  fileprivate init(_ node: YAMLNode) throws(InvalidYAML) {
    let fields = try node.fields(Self.keys)
    guard let registry = fields["registry"] else {
      throw node.fault("'registry' is missing here: the registry's host, such as docker.io")
    }
    host = try registry.value { try RegistryHost(parsing: $0) }
    endpoint = try Self.endpoint(of: host, at: fields["url"], authorities: fields["ca"])
    let own = try fields["prefix"]?.value { try RepositoryName(parsing: $0) }
    if let own { prefix = own } else { prefix = try Self.prefix(of: host, registry) }
    isRoot = try fields["root"]?.value { try Bool(parsing: $0) } ?? false
    login = try Self.login(fields["username"], fields["password-file"])
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

  private static func endpoint(
    of host: RegistryHost, at url: YAMLNode?, authorities: YAMLNode?
  ) throws(InvalidYAML) -> RegistryEndpoint {
    var trusted: [String] = []
    if let authorities { trusted = [try authorities.path()] }
    let tls = TLSSettings(authorities: trusted)
    guard let url else {
      guard let own = DirectEndpoints().endpoints(for: host, repository: nil).first else {
        preconditionFailure("a registry has an endpoint")
      }
      return RegistryEndpoint(scheme: own.scheme, host: own.host, tls: tls)
    }
    let text = try url.text()
    let parts = text.split(separator: "://", maxSplits: 1)
    guard parts.count == 2, let scheme = RegistryEndpoint.Scheme(rawValue: String(parts[0])),
      let host = try? RegistryHost(parsing: parts[1])
    else {
      throw url.fault("\(quoted(text)) is no registry's URL, which has no path, such as https://registry.example.org")
    }
    return RegistryEndpoint(scheme: scheme, host: host.description, tls: tls)
  }

  private static func login(
    _ user: YAMLNode?, _ file: YAMLNode?
  ) throws(InvalidYAML) -> MirrorFile.Login? {
    switch (user, file) {
    case (nil, nil): return nil
    case (let user?, let file?): return MirrorFile.Login(user: try user.text(), passwordFile: try file.path())
    case (let lone?, nil), (nil, let lone?):
      throw lone.fault("'username' and 'password-file' go together; the file holds the password or a token")
    }
  }

  private static func patterns(_ node: YAMLNode?) throws(InvalidYAML) -> [Glob] {
    try node?.values { try Glob($0) } ?? []
  }
}

extension YAMLNode {
  fileprivate func duration(upTo limit: Duration) throws(InvalidYAML) -> Duration {
    let duration = try value { try Duration(parsing: $0) }
    guard duration <= limit else { throw fault("that is too long; the limit is \(limit.settingText)") }
    return duration
  }

  fileprivate func path() throws(InvalidYAML) -> String {
    let text = try text()
    guard text.hasPrefix("/") else {
      throw fault("\(quoted(text)) is not an absolute path, such as /etc/berth/docker-hub-token")
    }
    return text
  }

  fileprivate func visibility() throws(InvalidYAML) -> Visibility {
    let text = try text()
    guard let visibility = Visibility(rawValue: text) else {
      let known = Visibility.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("\(quoted(text)) is no visibility; known are \(known)")
    }
    return visibility
  }
}
