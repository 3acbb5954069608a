import Foundation
import NIOSSL
import OCI
import RegistryClient

/// Asks a registry whether a name and a password are good for anything there.
struct LoginVerification {
  let server: ServerAddress
  /// Whether the server's address was written with a scheme, which then is the one to speak.
  let hasScheme: Bool
  let trust: TrustOptions
  let environment: [String: String]

  /// Shows a name and a password.
  ///
  /// - Returns: who that is, as messages say it.
  /// - Throws: `CommandFailure`, `ServerRefusal` or `RegistryClientError` where they are good for nothing.
  func verify(user: String, password: String) async throws -> String {
    let authorities = try trust.authorities(environment: environment)
    // Nobody is shown the password outside the registry's own protocol before it is known to be a berth.
    guard try await isBerth(authorities) else {
      try await verifyAsRegistry(user: user, password: password)
      return PlainText.line(user)
    }
    let connection = Connection(
      to: server, credential: Credential(user: user, password: password, origin: nil), authorities: authorities)
    let identity: API.Identity = try await ManagementClient.with(connection) { try await $0.send(.identity) }
    guard !identity.isAnybody else {
      throw CommandFailure("\(server) does not ask who calls, so there is nothing to log in to")
    }
    return identity.summary
  }

  /// Whether the server has berth's management API.
  ///
  /// A server that does not answer at all is asked as any registry is, too, since configuration may say how that has to be
  /// done; what is wrong comes to light there.
  private func isBerth(_ authorities: [NIOSSLCertificate]) async throws -> Bool {
    let anybody = Connection(to: server, credential: nil, authorities: authorities)
    return try await ManagementClient.with(anybody) { client in
      do {
        let _: API.Identity = try await client.send(.identity)
        return true
      } catch is ServerRefusal {
        return false
      } catch is CommandFailure {
        return false
      }
    }
  }

  private func verifyAsRegistry(user: String, password: String) async throws {
    let authorities = trust.path(environment: environment).map { [$0] } ?? []
    let configured = try await ConfiguredEndpoints.load(environment: environment, authorities: authorities)
    let client = try RegistryClient(
      RegistryClientConfiguration(
        endpoints: hasScheme
          ? WrittenEndpoints(server: server, configured: configured, authorities: authorities) : configured,
        proxies: try ProxySettings(environment: environment), userAgent: "berth/\(Berth.version)", retries: .once))
    do {
      try await client.registry(server.registry).verify(.password(user: user, password: password))
    } catch {
      try await client.shutdown()
      throw error
    }
    try await client.shutdown()
  }
}
