import OCI
import RegistryClient
import YAMLFiles

/// A registry that a file names: where it is reached, and what it is shown.
struct RemoteAddress: Hashable, Sendable {
  let host: RegistryHost
  /// Where it is reached.
  let endpoint: RegistryEndpoint
  let login: RemoteLogin?
}

extension RemoteAddress {
  /// The keys that say it.
  static let keys = ["registry", "url", "username", "password-file", "ca"]

  /// Reads what the keys say.
  ///
  /// - Parameter owner: what the keys are members of.
  init(_ fields: YAMLNode.Fields, of owner: YAMLNode) throws(InvalidYAML) {
    guard let registry = fields["registry"] else {
      throw owner.fault("'registry' is missing here: the registry's host, such as docker.io")
    }
    host = try registry.value { try RegistryHost(parsing: $0) }
    endpoint = try Self.endpoint(of: host, at: fields["url"], authorities: fields["ca"])
    login = try Self.login(fields["username"], fields["password-file"])
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

  private static func login(_ user: YAMLNode?, _ file: YAMLNode?) throws(InvalidYAML) -> RemoteLogin? {
    switch (user, file) {
    case (nil, nil): return nil
    case (let user?, let file?): return RemoteLogin(user: try user.text(), passwordFile: try file.path())
    case (let lone?, nil), (nil, let lone?):
      throw lone.fault("'username' and 'password-file' go together; the file holds the password or a token")
    }
  }
}

extension RegistryClientConfiguration {
  /// Speaks to one registry, where a file says that it is reached, and to no mirrors of it.
  ///
  /// Requests are not repeated for long: who makes them knows better when to try again.
  init(_ address: RemoteAddress, through proxies: ProxySettings) {
    self.init(
      endpoints: OneEndpoint(endpoint: address.endpoint), proxies: proxies,
      retries: RetryPolicy(
        attempts: 3, firstDelay: .milliseconds(200), largestDelay: .seconds(2), longestRetryAfter: .zero))
    if let login = address.login { credentials = login }
  }
}

private struct OneEndpoint: EndpointSource {
  let endpoint: RegistryEndpoint

  func endpoints(for host: RegistryHost, repository: RepositoryName?) -> [RegistryEndpoint] { [endpoint] }
}

extension YAMLNode {
  /// A duration that is not longer than a limit.
  func duration(upTo limit: Duration) throws(InvalidYAML) -> Duration {
    let duration = try value { try Duration(parsing: $0) }
    guard duration <= limit else { throw fault("that is too long; the limit is \(limit.settingText)") }
    return duration
  }

  /// The path of a file, from the root.
  func path() throws(InvalidYAML) -> String {
    let text = try text()
    guard text.hasPrefix("/") else {
      throw fault("\(quoted(text)) is not an absolute path, such as /etc/berth/docker-hub-token")
    }
    return text
  }
}
