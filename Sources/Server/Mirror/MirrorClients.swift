import Locks
import NIOPosix
import OCI
import Registry
import RegistryClient

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The clients that speak to upstreams, one for each entry of the mirror file.
final class MirrorClients: Sendable {
  private let clients = Locked<[MirrorFile.Entry: RegistryClient]>([:])
  private let known = Locked<[RegistryHost: PullBudget]>([:])
  private let proxies: ProxySettings

  /// Takes the proxies that upstreams are reached through.
  init(through proxies: ProxySettings) {
    self.proxies = proxies
  }

  /// How many pulls each upstream still allowed when it last said so.
  var budgets: [RegistryHost: PullBudget] { known.withLock { $0 } }

  /// A mirror has something to serve when the upstream fails, so it does not try for long.
  private static let retries = RetryPolicy(
    attempts: 3, firstDelay: .milliseconds(200), largestDelay: .seconds(2), longestRetryAfter: .zero)

  /// The upstreams of a file; those whose entries have not changed keep their connections and tokens.
  func upstreams(of file: MirrorFile) throws -> [MirrorUpstream] {
    try file.entries.map { entry in
      MirrorUpstream(
        host: entry.host, prefix: entry.prefix, isRoot: entry.isRoot, repositories: entry.repositories,
        visibility: entry.visibility, revalidateAfter: entry.revalidateAfter,
        upstream: UpstreamClient(client: try client(for: entry), host: entry.host))
    }
  }

  private func client(for entry: MirrorFile.Entry) throws -> RegistryClient {
    try clients.withLock { clients in
      if let client = clients[entry] { return client }
      var configuration = RegistryClientConfiguration(
        endpoints: OneEndpoint(endpoint: entry.endpoint), proxies: proxies, retries: Self.retries)
      configuration.budgets = { [known] budget in known.withLock { $0[entry.host] = budget } }
      if let login = entry.login { configuration.credentials = PasswordFile(login: login) }
      let client = try RegistryClient(configuration)
      clients[entry] = client
      return client
    }
  }

  /// Closes all connections, of entries that are gone as well: what they had begun was let come to its end.
  func shutdown() async throws {
    let clients = clients.withLock { clients in
      defer { clients = [:] }
      return clients.values
    }
    for client in clients { try await client.shutdown() }
  }
}

/// The endpoint that the mirror file says, and no mirrors of the upstream.
private struct OneEndpoint: EndpointSource {
  let endpoint: RegistryEndpoint

  func endpoints(for host: RegistryHost, repository: RepositoryName?) -> [RegistryEndpoint] { [endpoint] }
}

/// A password that is read each time it is needed, so that it can be replaced.
private struct PasswordFile: CredentialSource {
  let login: MirrorFile.Login

  func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
    let path = login.passwordFile
    let text = try await NIOThreadPool.singleton.runIfActive { try Self.firstLine(of: path) }
    return .password(user: login.user, password: text)
  }

  private static func firstLine(of path: String) throws(UnreadablePassword) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw UnreadablePassword("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: longest)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw UnreadablePassword("\(path): \(String(cString: strerror(errno)))") }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else {
      throw UnreadablePassword("\(path): its first line should be a password or a token")
    }
    return text
  }

  /// In bytes; tokens of cloud registries have some thousands.
  private static let longest = 64 << 10
}

/// Why a password could not be read; what is in the file is not told.
private struct UnreadablePassword: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
