public import OCI

/// Speaks to registries (OCI distribution spec), whatever number of them.
///
/// It has to be shut down in the end.
public final class RegistryClient: Sendable {
  let session: Session

  /// Takes the configuration; nothing is connected to before it is asked for.
  ///
  /// - Throws: `RegistryClientError` where the client's name cannot stand in a header, or no request may be made.
  public convenience init(_ configuration: RegistryClientConfiguration) throws {
    guard configuration.requestsPerHost > 0, configuration.userAgent.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
    else {
      throw RegistryClientError(
        .refused, "a client calls itself by printable ASCII, and makes at least one request at a time", host: "")
    }
    self.init(configuration, time: .system, patience: HTTPConnections.Patience())
  }

  init(_ configuration: RegistryClientConfiguration, time: TimeSource, patience: HTTPConnections.Patience) {
    session = Session(configuration, time: time, patience: patience)
  }

  /// A repository of a registry, which need not be there.
  public func repository(_ name: RepositoryName, at host: RegistryHost) -> RemoteRepository {
    RemoteRepository(host: host, name: name, session: session)
  }

  /// A registry as a whole.
  public func registry(_ host: RegistryHost) -> RemoteRegistry {
    RemoteRegistry(host: host, session: session)
  }

  /// Closes all connections; requests that are under way fail.
  public func shutdown() async throws {
    try await session.shutdown()
  }
}

/// What a client shows, whom it asks, and how patiently.
public struct RegistryClientConfiguration: Sendable {
  /// Where credentials are looked up.
  public var credentials: any CredentialSource
  /// Where registries and their mirrors are looked up.
  public var endpoints: any EndpointSource
  /// Which requests go through a proxy.
  public var proxies: ProxySettings
  /// What the client calls itself.
  public var userAgent: String
  /// How many requests at a time go to a host; transfers that stream do not count, see `RemoteRepository.blob`.
  public var requestsPerHost: Int
  /// How often, and after which pauses, a request is made again.
  public var retries: RetryPolicy
  /// Is told how many pulls registries still allow, each time that one says so.
  public var budgets: @Sendable (PullBudget) -> Void = { _ in }

  /// Takes the configuration; the defaults show nothing, and know no mirrors and no proxies.
  public init(
    credentials: any CredentialSource = AnonymousCredentials(), endpoints: any EndpointSource = DirectEndpoints(),
    proxies: ProxySettings = .none, userAgent: String = "berth", requestsPerHost: Int = 16,
    retries: RetryPolicy = RetryPolicy()
  ) {
    self.credentials = credentials
    self.endpoints = endpoints
    self.proxies = proxies
    self.userAgent = userAgent
    self.requestsPerHost = requestsPerHost
    self.retries = retries
  }
}
