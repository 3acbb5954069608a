import Access
import Catalog
import Logging
import OCI
import ServiceLifecycle

/// Access control as the settings have it, and what has to run for it.
struct AccessParts {
  /// Nil where access is open.
  let control: AccessControl?
  let services: [any Service]
}

extension Settings {
  /// Opens access control; on the first start it makes the token of an administrator.
  ///
  /// - Throws: what keeps the server from starting, such as an htpasswd file that cannot be read.
  func makeAccess(
    catalog: any Catalog, visibilityOfMirrors: @escaping @Sendable (RepositoryName) -> Visibility?, logger: Logger
  ) async throws -> AccessParts {
    let audit = AuditService(catalog: catalog, path: auditLog, retention: auditRetention, logger: logger)
    guard access == .accounts else { return AccessParts(control: nil, services: [audit]) }
    let htpasswdFile = try await watch(htpasswd, logger) { bytes in try HtpasswdFile(parsing: bytes) }
    let trustFile = try await watch(oidcTrust, logger) { bytes in try TrustPolicy(yaml: bytes) }
    let configuration = AccessControl.Configuration(
      service: externalURL?.host.description ?? "berth", createsOnPush: createOnPush,
      visibilityOfMirrors: visibilityOfMirrors,
      htpasswd: { htpasswdFile?.value }, trustPolicy: { trustFile?.value })
    let verifier = OIDCVerifier(report: { logger.warning("\($0)") })
    let control: AccessControl
    do {
      control = try await AccessControl(
        catalog: catalog, configuration: configuration, hasher: PasswordHasher(), verifier: verifier)
      try await storeFirstToken(of: control, logger)
    } catch {
      try await verifier.shutdown()
      throw error
    }
    warnOfPlainText(logger)
    let service = AccessService(
      control: control, changesOfFiles: { (htpasswdFile?.changes ?? 0) + (trustFile?.changes ?? 0) }, logger: logger)
    let services: [(any Service)?] = [audit, htpasswdFile, trustFile, service]
    return AccessParts(control: control, services: services.compactMap { $0 })
  }

  private func storeFirstToken(of control: AccessControl, _ logger: Logger) async throws {
    guard let secret = try await control.makeFirstToken() else { return }
    let path = "\(data)/admin-token"
    try AdministratorToken(path: path).store(secret)
    logger.notice("no administrator could log in: a token of one was made", metadata: ["file": "\(path)"])
  }

  /// The value of a file that a setting names, if it does, made anew when the file changes.
  func watch<Value: Sendable>(
    _ path: String?, _ logger: Logger, parse: @escaping @Sendable ([UInt8]) throws -> Value
  ) async throws -> WatchedFiles<Value>? {
    guard let path else { return nil }
    return try await WatchedFiles(path, logger: logger) { bytes in
      do {
        return try parse(bytes)
      } catch {
        throw UnusableFile(description: "\(path): \(error)")
      }
    }
  }

  /// Whoever is in the network reads passwords and tokens that go without TLS.
  private func warnOfPlainText(_ logger: Logger) {
    guard tlsCertificate == nil, !listen.isLoopback, externalURL?.scheme != "https" else { return }
    logger.warning(
      """
      passwords and tokens go over the network in clear: set tls-certificate and tls-key, or put a proxy with TLS in \
      front and set external-url and trusted-proxies
      """)
  }
}

/// A file that a setting names and that cannot be used.
private struct UnusableFile: Error, CustomStringConvertible {
  let description: String
}
