import Locks
import NIOCore
import OCI
import TestSupport

@testable import RegistryClient

/// A clock that stands still but for who sleeps, and remembers how long that was.
final class FakeTime: Sendable {
  private struct State {
    var now = Timestamp(milliseconds: 1_900_000_000_000)
    var pauses: [Duration] = []
  }

  private let state = Locked(State())

  var pauses: [Duration] { state.withLock { $0.pauses } }

  func advance(_ duration: Duration) {
    state.withLock { $0.now = $0.now + duration }
  }

  var source: TimeSource {
    TimeSource(
      now: { [self] in state.withLock { $0.now } },
      sleep: { [self] duration in
        try Task.checkCancellation()
        state.withLock { state in
          state.pauses.append(duration)
          state.now = state.now + duration
        }
      },
      jitter: { 0.999 })
  }
}

/// One credential for every registry.
struct TestCredentials: CredentialSource {
  let credential: RegistryCredential?

  func credential(for host: RegistryHost, repository: RepositoryName?) -> RegistryCredential? { credential }
}

/// The endpoints that a test lists.
struct TestEndpoints: EndpointSource {
  let endpoints: [RegistryEndpoint]

  func endpoints(for host: RegistryHost, repository: RepositoryName?) -> [RegistryEndpoint] { endpoints }
}

/// Runs `body` with a client that takes no time to wait.
@discardableResult
func withClient<Success>(
  _ credential: RegistryCredential? = nil, endpoints: any EndpointSource = DirectEndpoints(),
  proxies: ProxySettings = .none, time: FakeTime = FakeTime(), retries: RetryPolicy = RetryPolicy(),
  requestsPerHost: Int = 16, patience: HTTPConnections.Patience = .init(),
  isolation: isolated (any Actor)? = #isolation,
  _ body: (RegistryClient) async throws -> Success
) async throws -> Success {
  let configuration = RegistryClientConfiguration(
    credentials: TestCredentials(credential: credential), endpoints: endpoints, proxies: proxies,
    requestsPerHost: requestsPerHost, retries: retries)
  let client = RegistryClient(configuration, time: time.source, patience: patience)
  do {
    let success = try await body(client)
    try await client.shutdown()
    return success
  } catch {
    try await client.shutdown()
    throw error
  }
}

extension RegistryClient {
  /// A repository of the server on a port of this machine.
  func repository(_ name: String, port: Int, host: String = "127.0.0.1") throws -> RemoteRepository {
    repository(try RepositoryName(parsing: name), at: try RegistryHost(parsing: "\(host):\(port)"))
  }
}

extension Descriptor {
  /// What points at bytes.
  init(of bytes: [UInt8], type: String = "application/octet-stream") throws {
    self.init(mediaType: try MediaType(parsing: type), digest: Digest.of(bytes), size: Int64(bytes.count))
  }
}

extension ByteStream {
  /// Bytes in pieces of a size.
  init(_ bytes: [UInt8], from offset: Int64 = 0, pieces: Int = 100_000) {
    self.init(
      AsyncStream { continuation in
        var rest = bytes[Int(offset)...]
        while !rest.isEmpty {
          continuation.yield(ByteBuffer(bytes: rest.prefix(pieces)))
          rest = rest.dropFirst(pieces)
        }
        continuation.finish()
      })
  }

  /// All bytes.
  func bytes() async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await buffer in self { bytes += buffer.readableBytesView }
    return bytes
  }
}
