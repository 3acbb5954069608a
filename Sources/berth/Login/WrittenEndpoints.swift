import OCI
import RegistryClient

/// The endpoints of a registry whose address was written with a scheme: those that are configured for it and have this
/// scheme, or else the address as it was written.
struct WrittenEndpoints: EndpointSource {
  let server: ServerAddress
  let configured: ConfiguredEndpoints
  /// The files of authorities to trust where nothing is configured.
  let authorities: [String]

  func endpoints(for host: RegistryHost, repository: RepositoryName?) throws -> [RegistryEndpoint] {
    let scheme: RegistryEndpoint.Scheme = server.scheme == .https ? .https : .http
    let fitting = try configured.endpoints(for: host, repository: repository).filter { $0.scheme == scheme }
    guard fitting.isEmpty else { return fitting }
    return [RegistryEndpoint(scheme: scheme, host: server.host, tls: TLSSettings(authorities: authorities))]
  }
}
