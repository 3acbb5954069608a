public import OCI

/// The endpoints that `registries.conf` and `certs.d` tell of, and for what they do not mention the registry itself.
///
/// `CONTAINERS_REGISTRIES_CONF` names the file; else it is `~/.config/containers/registries.conf` or, where there is
/// none, `/etc/containers/registries.conf`. The files `*.conf` in `registries.conf.d` beside the latter two are read after
/// it. The longest prefix that an image's name begins with counts. Certificates are those of the first of
/// `~/.config/containers/certs.d`, `/etc/containers/certs.d` and `/etc/docker/certs.d` that has some for the host, and
/// the authorities in `SSL_CERT_FILE` are trusted everywhere.
///
/// Docker Hub is at `registry-1.docker.io`. A registry on this machine is spoken to by HTTP, unless there are certificates
/// for it or `insecure` is set for it; every other by HTTPS. What is `insecure` has two endpoints: HTTPS with any
/// certificate, and HTTP where that does not answer. Where a `location` is set it is pulled from in place of the
/// registry; what is pushed goes where its name says, as with Podman and Skopeo.
public struct ConfiguredEndpoints: EndpointSource {
  private let registries: RegistriesConf
  private let certificates: CertificateFolders
  private let authorities: [String]

  /// Takes what has been read.
  init(registries: RegistriesConf, certificates: CertificateFolders, authorities: [String] = []) {
    self.registries = registries
    self.certificates = certificates
    self.authorities = authorities
  }

  /// The endpoints to try in turn, mirrors first and the registry itself last.
  ///
  /// - Throws: `BlockedRegistry`; `InvalidConfiguration` for certificates that lack something.
  public func endpoints(for host: RegistryHost, repository: RepositoryName?) throws -> [RegistryEndpoint] {
    let host = AuthFileKey.canonical(host)
    guard let entry = registries.entry(for: host, repository) else { return try endpoints(of: host, isInsecure: nil) }
    guard !entry.isBlocked else {
      throw BlockedRegistry(host: host, repository: repository, file: entry.file)
    }
    // Mirrors have repositories; what is asked of a registry as a whole is asked of itself.
    let mirrors =
      try repository == nil
      ? []
      : entry.mirrors.flatMap { mirror in
        try endpoints(
          of: mirror.source.location.host, isInsecure: mirror.source.isInsecure,
          rewriting: rewriting(entry.prefix.path, mirror.source.location.path), mirrorOf: mirror.references)
      }
    guard let location = entry.location, repository != nil,
      location.host != host || location.path != entry.prefix.path
    else { return try mirrors + endpoints(of: host, isInsecure: entry.isInsecure) }
    return try mirrors
      + endpoints(
        of: location.host, isInsecure: entry.isInsecure, rewriting: rewriting(entry.prefix.path, location.path),
        use: .pulls)
      + endpoints(of: host, isInsecure: entry.isInsecure, use: .pushes)
  }

  private func rewriting(_ prefix: String, _ location: String) -> RegistryEndpoint.Rewriting? {
    prefix == location ? nil : RegistryEndpoint.Rewriting(from: prefix, to: location)
  }

  private func endpoints(
    of host: RegistryHost, isInsecure: Bool?, rewriting: RegistryEndpoint.Rewriting? = nil,
    mirrorOf references: RegistryEndpoint.References? = nil, use: RegistryEndpoint.Use = .everything
  ) throws(InvalidConfiguration) -> [RegistryEndpoint] {
    let own = try certificates.settings(for: host)
    let name = host == .dockerHub ? "registry-1.docker.io" : host.description
    func endpoint(_ scheme: RegistryEndpoint.Scheme, verifies: Bool) -> RegistryEndpoint {
      let tls = TLSSettings(
        verifies: verifies, authorities: (own?.authorities ?? []) + authorities,
        clientCertificate: own?.clientCertificate)
      return RegistryEndpoint(
        scheme: scheme, host: name, rewriting: rewriting, tls: scheme == .https ? tls : TLSSettings(),
        isMirror: references != nil, use: use, references: references ?? .all)
    }
    switch isInsecure {
    case true: return [endpoint(.https, verifies: false), endpoint(.http, verifies: true)]
    case false: return [endpoint(.https, verifies: true)]
    case nil: return [endpoint(host.isLoopback && own == nil ? .http : .https, verifies: true)]
    }
  }
}

/// That `registries.conf` forbids to ask for something.
public struct BlockedRegistry: Error, Hashable, CustomStringConvertible {
  /// The registry.
  public let host: RegistryHost
  /// What is blocked, and where that is written.
  public let description: String

  init(host: RegistryHost, repository: RepositoryName?, file: String) {
    self.host = host
    let name = repository.map { "\(host)/\($0)" } ?? "\(host)"
    description = "\(name) is blocked by \(file): take `blocked` out of its entry there to use it"
  }
}
