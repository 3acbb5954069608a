import ArgumentParser
import OCI
import RegistryClient

/// The options of commands that speak to registries of any kind.
///
/// Credentials, mirrors, certificates and proxies come from where Docker and Podman have theirs.
struct RegistryOptions: ParsableArguments {
  @OptionGroup var trust: TrustOptions

  @Option(
    help: ArgumentHelp(
      """
      Speak plain HTTP to this registry, such as registry.local:5000; may be repeated. Registries on this machine are \
      spoken to by HTTP anyway, and registries.conf can say so for good.
      """,
      valueName: "host"),
    transform: { try RegistryHost(parsing: $0) })
  var plainHttp: [RegistryHost] = []

  @Option(help: ArgumentHelp("How many requests at a time go to a host.", valueName: "n"))
  var requestsPerHost = 16

  @Option(
    help: ArgumentHelp(
      "How often a request is made again that failed in a way that may pass, such as by 429 or a broken connection.",
      valueName: "n"))
  var retries = 5

  func validate() throws {
    guard (1...1000).contains(requestsPerHost) else { throw ValidationError("--requests-per-host is 1 to 1000") }
    guard (0...100).contains(retries) else { throw ValidationError("--retries is 0 to 100") }
  }

  /// A client that has to be shut down.
  func client(environment: [String: String]) async throws -> RegistryClient {
    let configured = try await ConfiguredEndpoints.load(
      environment: environment, authorities: [trust.path(environment: environment)].compactMap { $0 })
    return try RegistryClient(
      RegistryClientConfiguration(
        credentials: DockerCredentials(environment: environment),
        endpoints: PlainEndpoints(configured: configured, hosts: Set(plainHttp)),
        proxies: try ProxySettings(environment: environment), userAgent: "berth/\(Berth.version)",
        requestsPerHost: requestsPerHost, retries: RetryPolicy(attempts: retries + 1)))
  }
}

/// The endpoints that are configured, without TLS where the command line says so.
struct PlainEndpoints: EndpointSource {
  let configured: any EndpointSource
  /// Registries that are spoken to without TLS.
  let hosts: Set<RegistryHost>

  func endpoints(for host: RegistryHost, repository: RepositoryName?) throws -> [RegistryEndpoint] {
    let endpoints = try configured.endpoints(for: host, repository: repository)
    guard hosts.contains(host) else { return endpoints }
    return endpoints.map { endpoint in
      // What pulls are led to elsewhere is another host.
      endpoint.use == .pulls ? endpoint : RegistryEndpoint(scheme: .http, host: endpoint.host, use: endpoint.use)
    }
  }
}
