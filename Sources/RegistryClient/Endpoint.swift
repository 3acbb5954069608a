public import OCI

/// An address at which a registry's content is served: the registry itself, or a mirror of it.
public struct RegistryEndpoint: Hashable, Sendable {
  /// How an endpoint is spoken to.
  public enum Scheme: String, Hashable, Sendable {
    case http
    case https
  }

  /// Which references a mirror is asked for.
  public enum References: Hashable, Sendable {
    case all
    case digests
    case tags
  }

  /// Which requests an endpoint is there for.
  public enum Use: Hashable, Sendable {
    case everything
    /// What is read to be had elsewhere; all that concerns a push goes to another endpoint.
    case pulls
    /// Pushes, deletions, and what is asked for their sake.
    case pushes
  }

  /// Another path for the repositories whose names begin with one: `library` becomes `hub/library`.
  public struct Rewriting: Hashable, Sendable {
    /// The path that is taken away, without slashes at its ends; empty for none.
    public let from: String
    /// The path that is put in its place, without slashes at its ends; empty for none.
    public let to: String

    /// Takes both paths.
    public init(from: String, to: String) {
      self.from = from
      self.to = to
    }
  }

  /// How it is spoken to.
  public let scheme: Scheme
  /// Its name or address and, where it is not the scheme's own, its port, such as `registry-1.docker.io`.
  public let host: String
  /// How repositories are called there, where that is not how the registry calls them.
  public let rewriting: Rewriting?
  /// Whom to trust, and what to show.
  public let tls: TLSSettings
  /// Whether it is a mirror, which may lack what the registry has.
  public let isMirror: Bool
  /// Which requests it is there for; a mirror is there for pulls.
  public let use: Use
  /// What it is asked for.
  public let references: References

  /// Takes the parts of an endpoint.
  public init(
    scheme: Scheme, host: String, rewriting: Rewriting? = nil, tls: TLSSettings = TLSSettings(), isMirror: Bool = false,
    use: Use = .everything, references: References = .all
  ) {
    self.scheme = scheme
    self.host = host
    self.rewriting = rewriting
    self.tls = tls
    self.isMirror = isMirror
    self.use = isMirror ? .pulls : use
    self.references = references
  }

  /// What a repository is called at this endpoint.
  ///
  /// - Throws: `InvalidRepositoryName` where nothing that is a name is left.
  public func repository(_ name: RepositoryName) throws(InvalidRepositoryName) -> RepositoryName {
    guard let rewriting else { return name }
    let parts = name.description.split(separator: "/")
    let from = rewriting.from.split(separator: "/")
    guard parts.starts(with: from) else { return name }
    let renamed = rewriting.to.split(separator: "/") + parts.dropFirst(from.count)
    return try RepositoryName(parsing: renamed.joined(separator: "/"))
  }
}

extension RegistryEndpoint: CustomStringConvertible {
  /// The endpoint as a URL.
  public var description: String { "\(scheme.rawValue)://\(host)" }
}

/// Whom to trust at the other end of a TLS connection, and what to show there.
public struct TLSSettings: Hashable, Sendable {
  /// A client's certificate with its private key, both as the paths of PEM files.
  public struct ClientCertificate: Hashable, Sendable {
    /// The path of the certificate, with the chain that leads to its authority.
    public let certificate: String
    /// The path of the private key.
    public let key: String

    /// Takes both paths.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Whether the other end's certificate has to be valid for its name.
  public let verifies: Bool
  /// The paths of PEM files of authorities that are trusted beside the system's.
  public let authorities: [String]
  /// What to show where the other end asks for a certificate.
  public let clientCertificate: ClientCertificate?

  /// Trusts the system's authorities, and those of the files.
  public init(verifies: Bool = true, authorities: [String] = [], clientCertificate: ClientCertificate? = nil) {
    self.verifies = verifies
    self.authorities = authorities
    self.clientCertificate = clientCertificate
  }
}

/// Where endpoints are looked up, such as `registries.conf`.
public protocol EndpointSource: Sendable {
  /// The endpoints to try in turn, mirrors first and the registry itself last.
  ///
  /// - Throws: where the registry is blocked, or what is configured cannot be read.
  func endpoints(for host: RegistryHost, repository: RepositoryName?) throws -> [RegistryEndpoint]
}

/// The registry itself and no mirrors: over HTTPS, on this machine over HTTP.
public struct DirectEndpoints: EndpointSource {
  /// Makes a source that nothing is configured in.
  public init() {}

  /// Answers the one endpoint that a registry has.
  public func endpoints(for host: RegistryHost, repository: RepositoryName?) -> [RegistryEndpoint] {
    let name = host == .dockerHub ? "registry-1.docker.io" : host.description
    return [RegistryEndpoint(scheme: host.isLoopback ? .http : .https, host: name)]
  }
}
