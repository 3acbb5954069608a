internal import AsyncHTTPClient
internal import Locks
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// The connections to all hosts, in one pool for each way of doing TLS and each proxy.
final class HTTPConnections: Sendable {
  /// How long the other end may be silent.
  struct Patience: Sendable {
    /// Until a connection is there.
    var connect = TimeAmount.seconds(15)
    /// Between the bytes of an answer to a request that changes nothing.
    var reading = TimeAmount.seconds(60)
    /// Between a request that changes something and its answer: a registry may hash or move many gigabytes before it
    /// answers. The time that the source of an upload is silent counts as well.
    var writing = TimeAmount.seconds(600)
  }

  private struct Pools {
    let reading: HTTPClient
    let writing: HTTPClient
  }

  private struct Way: Hashable {
    let tls: TLSSettings
    let proxy: ProxyServer?
  }

  private enum State {
    case open([Way: Pools])
    case closed
  }

  private let state = Locked(State.open([:]))
  private let patience: Patience
  private let proxies: ProxySettings

  init(_ patience: Patience, through proxies: ProxySettings) {
    self.patience = patience
    self.proxies = proxies
  }

  /// Sends a request and waits for the head of its answer.
  func execute(
    _ request: HTTPClientRequest, tls: TLSSettings, at origin: WebAddress.Origin
  ) async throws -> HTTPClientResponse {
    let way = Way(tls: tls, proxy: proxies.proxy(for: origin))
    let pools = try await pools(for: way, at: origin.description)
    let client = request.method == .GET || request.method == .HEAD ? pools.reading : pools.writing
    return try await client.execute(request, deadline: .distantFuture)
  }

  /// Closes all connections; nothing can be sent any more.
  func shutdown() async throws {
    let pools = state.withLock { state -> [Pools] in
      guard case .open(let pools) = state else { return [] }
      state = .closed
      return Array(pools.values)
    }
    var failure: (any Error)?
    for client in pools.flatMap({ [$0.reading, $0.writing] }) {
      do {
        try await client.shutdown()
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func pools(for way: Way, at host: String) async throws -> Pools {
    let known = try state.withLock { state in try Self.open(state, host: host)[way] }
    if let known { return known }
    let configuration = try await Self.configuration(way.tls, host: host)
    return try state.withLock { state in
      var open = try Self.open(state, host: host)
      if let pools = open[way] { return pools }
      let pools = Pools(
        reading: client(configuration, way.proxy, patience: patience.reading),
        writing: client(configuration, way.proxy, patience: patience.writing))
      open[way] = pools
      state = .open(open)
      return pools
    }
  }

  private static func open(_ state: State, host: String) throws -> [Way: Pools] {
    guard case .open(let pools) = state else {
      throw RegistryClientError(.unavailable, "\(host) was not asked: the client is shut down", host: host)
    }
    return pools
  }

  private func client(
    _ tls: TLSConfiguration, _ proxy: ProxyServer?, patience silence: TimeAmount
  ) -> HTTPClient {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: patience.connect, read: silence, write: patience.writing), decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.proxy = proxy.map { proxy in
      .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.user.map { .basic(username: $0, password: proxy.password ?? "") })
    }
    // Attempts are counted, and waited between, by the retry policy alone.
    configuration.connectionPool.retryConnectionEstablishment = false
    // `RequestLimit` limits requests. A limit here would make transfers wait for each other.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
    // Large reads, because each buffer costs a way from the event loop to the task that reads and back; and one at a
    // time, because what is read waits in memory.
    configuration.http1_1ConnectionDebugInitializer = { channel in
      let allocator = AdaptiveRecvByteBufferAllocator(minimum: 16 << 10, initial: 64 << 10, maximum: 256 << 10)
      return channel.setOption(.recvAllocator, value: allocator)
        .flatMap { channel.setOption(.maxMessagesPerRead, value: 1) }
    }
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Reads the files that the settings name, on a thread that may block.
  private static func configuration(_ tls: TLSSettings, host: String) async throws -> TLSConfiguration {
    do {
      return try await NIOThreadPool.singleton.runIfActive {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !tls.verifies { configuration.certificateVerification = .none }
        if !tls.authorities.isEmpty {
          let authorities = try tls.authorities.flatMap { try NIOSSLCertificate.fromPEMFile($0) }
          configuration.additionalTrustRoots = [.certificates(authorities)]
        }
        if let client = tls.clientCertificate {
          configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(client.certificate)
            .map { .certificate($0) }
          configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: client.key, format: .pem))
        }
        return configuration
      }
    } catch {
      let files = tls.authorities + [tls.clientCertificate?.certificate, tls.clientCertificate?.key].compactMap { $0 }
      throw RegistryClientError(
        .tls,
        "no certificates can be read for \(host) from \(files.joined(separator: ", ")): \(error); "
          + "certificates and keys are PEM files", host: host)
    }
  }
}
