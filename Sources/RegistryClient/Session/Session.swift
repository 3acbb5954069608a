internal import AsyncHTTPClient
internal import Locks
internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// Makes requests: at the endpoints of a registry in turn, let in as each wants it, redirected, limited and repeated.
final class Session: Sendable {
  /// How long an endpoint that could not be reached is passed over while there is another.
  private static let rest = Duration.seconds(60)
  private static let mostRedirects = 10

  let configuration: RegistryClientConfiguration
  let time: TimeSource
  private let connections: HTTPConnections
  private let authenticator: Authenticator
  private let limit: RequestLimit
  private let resting = Locked<[RegistryEndpoint: Timestamp]>([:])

  init(_ configuration: RegistryClientConfiguration, time: TimeSource, patience: HTTPConnections.Patience) {
    self.configuration = configuration
    self.time = time
    connections = HTTPConnections(patience, through: configuration.proxies)
    limit = RequestLimit(configuration.requestsPerHost)
    authenticator = Self.authenticator(configuration, configuration.credentials, connections, time)
  }

  /// The same session with other credentials, over the same connections.
  init(_ session: Session, credentials: any CredentialSource) {
    configuration = session.configuration
    time = session.time
    connections = session.connections
    limit = session.limit
    authenticator = Self.authenticator(configuration, credentials, connections, time)
  }

  private static func authenticator(
    _ configuration: RegistryClientConfiguration, _ credentials: any CredentialSource, _ connections: HTTPConnections,
    _ time: TimeSource
  ) -> Authenticator {
    let service = TokenService(connections: connections, userAgent: configuration.userAgent, time: time)
    return Authenticator(credentials, service: service, time: time)
  }

  func shutdown() async throws {
    try await connections.shutdown()
  }

  // MARK: Endpoints

  /// Makes a request at a registry, and has its answer read.
  ///
  /// - Parameters:
  ///   - accepting: the statuses whose answers `read` gets; others are errors.
  ///   - retries: how often the last endpoint is asked; nil stands for what is configured.
  func perform<Success: Sendable>(
    _ request: RegistryRequest, at host: RegistryHost, accepting: Set<Int>, retries: RetryPolicy? = nil,
    read: (Answer) async throws -> Success
  ) async throws -> Success {
    let endpoints = try endpoints(for: request, of: host)
    for endpoint in endpoints.dropLast() {
      do {
        return try await perform(
          request, at: endpoint, of: host, accepting: endpoint.isMirror ? accepting.subtracting([404]) : accepting,
          retries: .once, read: read)
      } catch let error as RegistryClientError where endpoint.isMirror || error.code == .tls || error.isUnanswered {
        if error.isUnanswered || error.code == .tls { rest(endpoint) }
      } catch is InvalidRepositoryName {
        // A mirror that has no name for the repository does not have the repository.
      }
    }
    return try await perform(
      request, at: endpoints[endpoints.count - 1], of: host, accepting: accepting, retries: retries, read: read)
  }

  /// Makes a request at one endpoint, again where what went wrong may pass.
  func perform<Success: Sendable>(
    _ request: RegistryRequest, at endpoint: RegistryEndpoint, of host: RegistryHost, accepting: Set<Int>,
    retries: RetryPolicy? = nil, read: (Answer) async throws -> Success
  ) async throws -> Success {
    let retries = retries ?? configuration.retries
    var attempt = 1
    while true {
      do {
        return try await once(request, at: endpoint, of: host, accepting: accepting, read: read)
      } catch let error as RegistryClientError where error.isTransient && request.canBeSentAgain {
        guard try await pause(after: attempt, of: retries, retryAfter: error.retryAfter) else { throw error }
        attempt += 1
      }
    }
  }

  /// Waits as a policy has it.
  ///
  /// - Returns: false where no further attempt is to be made.
  func pause(after attempt: Int, of policy: RetryPolicy, retryAfter: Duration?) async throws -> Bool {
    guard let pause = policy.pause(after: attempt, retryAfter: retryAfter, jitter: time.jitter()) else { return false }
    try await time.sleep(pause)
    return true
  }

  /// Those to try in turn, at least one. What could not be reached a moment ago is left out while there is another.
  private func endpoints(for request: RegistryRequest, of host: RegistryHost) throws -> [RegistryEndpoint] {
    let all = try configuration.endpoints.endpoints(for: host, repository: request.repository)
    let fitting = all.filter { endpoint in
      request.isPull ? endpoint.use != .pushes && endpoint.serves(request.reference) : endpoint.use != .pulls
    }
    guard let last = fitting.last else {
      throw RegistryClientError(
        .blocked, "nothing is configured for \(host) that can be asked to \(request.doing)", host: host.description)
    }
    let now = time.now()
    let resting = resting.withLock { $0.filter { $0.value > now } }
    let awake = fitting.filter { resting[$0] == nil }
    return awake.isEmpty ? [last] : awake
  }

  private func rest(_ endpoint: RegistryEndpoint) {
    let end = time.now() + Self.rest
    resting.withLock { $0[endpoint] = end }
  }

  // MARK: One request

  private func once<Success: Sendable>(
    _ request: RegistryRequest, at endpoint: RegistryEndpoint, of host: RegistryHost, accepting: Set<Int>,
    read: (Answer) async throws -> Success
  ) async throws -> Success {
    do {
      let answer = try await exchange(request, at: endpoint, of: host)
      guard accepting.contains(answer.status) else {
        throw await answer.failure(doing: request.doing, now: time.now())
      }
      return try await read(answer)
    } catch {
      // What a cancelled task gets to see is not the other end's fault.
      try Task.checkCancellation()
      throw RegistryClientError(transport: error, host: endpoint.host) ?? error
    }
  }

  /// Makes a request, and again with what is asked for where it is refused with 401.
  private func exchange(
    _ request: RegistryRequest, at endpoint: RegistryEndpoint, of host: RegistryHost
  ) async throws -> Answer {
    let shown = try await authorization(for: request, of: host, at: endpoint)
    let answer = try await follow(request, at: endpoint, showing: shown)
    guard answer.status == 401, try isOwn(answer.address, of: endpoint) else { return answer }
    let challenges = try Self.challenges(of: answer)
    let failure = await answer.failure(doing: request.doing, now: time.now())
    let better = try await authenticator.authorization(
      for: request, of: host, at: endpoint, refused: shown, challenges: challenges)
    guard request.canBeSentAgain else {
      // What streams can be read once. The next request shows what this one should have shown.
      throw RegistryClientError(.unavailable, failure.message, host: failure.host, status: 401)
    }
    let second = try await follow(request, at: endpoint, showing: better)
    guard second.status == 401 else { return second }
    let refusal = await second.failure(doing: request.doing, now: time.now())
    let renewed = try await authenticator.authorization(
      for: request, of: host, at: endpoint, refused: better, challenges: try Self.challenges(of: second))
    let third = try await follow(request, at: endpoint, showing: renewed)
    guard third.status == 401 else { return third }
    throw RegistryClientError(
      .unauthorized, refusal.message + "; log in with credentials that allow it", host: refusal.host, status: 401)
  }

  private func authorization(
    for request: RegistryRequest, of host: RegistryHost, at endpoint: RegistryEndpoint
  ) async throws -> Authorization? {
    if case .address(let address) = request.target, try !isOwn(address, of: endpoint) { return nil }
    return try await authenticator.authorization(for: request, of: host, at: endpoint) { [self] in
      let ping = RegistryRequest(
        method: .GET, target: .path(""), repository: nil, access: .none, doing: "say how it lets in")
      let answer = try await follow(ping, at: endpoint, showing: nil)
      switch answer.status {
      case 401:
        await answer.discard()
        return try Self.challenges(of: answer)
      case 408, 429, 500...: throw await answer.failure(doing: ping.doing, now: time.now())
      default:
        await answer.discard()
        return []
      }
    }
  }

  private static func challenges(of answer: Answer) throws -> [Challenge] {
    do {
      return try answer.headers["WWW-Authenticate"].flatMap { try Challenge.parse($0) }
    } catch {
      throw answer.invalid("\(error)")
    }
  }

  private func isOwn(_ address: WebAddress, of endpoint: RegistryEndpoint) throws -> Bool {
    address.origin == (try endpoint.address("/")).origin
  }

  /// Makes a request and follows redirects of those that change nothing; another origin is not shown who asks.
  private func follow(
    _ request: RegistryRequest, at endpoint: RegistryEndpoint, showing authorization: Authorization?
  ) async throws -> Answer {
    var address = try request.address(at: endpoint)
    for _ in 0...Self.mostRedirects {
      let answer = try await send(request, to: address, at: endpoint, showing: authorization)
      guard (301...308).contains(answer.status), answer.status != 304,
        request.method == .GET || request.method == .HEAD
      else { return answer }
      address = try answer.location()
      await answer.discard()
    }
    throw RegistryClientError(
      .invalidAnswer, "\(endpoint.host) did not \(request.doing): it redirects more than \(Self.mostRedirects) times",
      host: endpoint.host)
  }

  private func send(
    _ request: RegistryRequest, to address: WebAddress, at endpoint: RegistryEndpoint,
    showing authorization: Authorization?
  ) async throws -> Answer {
    var outgoing = HTTPClientRequest(url: address.text)
    outgoing.method = request.method
    outgoing.headers = request.headers
    outgoing.headers.add(name: "User-Agent", value: configuration.userAgent)
    let isOwn = try isOwn(address, of: endpoint)
    if isOwn, let authorization { outgoing.headers.add(name: "Authorization", value: authorization.header) }
    switch request.body {
    case .none: break
    case .bytes(let bytes): outgoing.body = .bytes(bytes)
    case .stream(let part): outgoing.body = .stream(part, length: .known(part.length))
    }
    let tls = isOwn ? endpoint.tls : TLSSettings(authorities: endpoint.tls.authorities)
    let host = address.origin.description
    do {
      // A streaming body is waited for by what it is copied from, and counts no more than the body of an answer.
      let response =
        request.canBeSentAgain
        ? try await limit.run(at: address.origin) { [outgoing] in
          try await connections.execute(outgoing, tls: tls, at: address.origin)
        } : try await connections.execute(outgoing, tls: tls, at: address.origin)
      if let budget = PullBudget(response.headers) { configuration.budgets(budget) }
      return Answer(
        status: Int(response.status.code), headers: response.headers, body: response.body, address: address,
        endpoint: endpoint)
    } catch {
      try Task.checkCancellation()
      throw RegistryClientError(transport: error, host: host) ?? error
    }
  }
}

extension RegistryClientError {
  /// Whether nobody answered at all.
  fileprivate var isUnanswered: Bool { code == .unavailable && status == nil }
}

extension RegistryEndpoint {
  /// Whether a reference is one that the endpoint is asked for; blobs are by digest.
  fileprivate func serves(_ reference: Reference?) -> Bool {
    switch (references, reference) {
    case (.all, _): true
    case (.digests, .digest), (.digests, nil): true
    case (.tags, .tag), (.tags, nil): true
    default: false
    }
  }
}
