internal import NIOCore
internal import NIOHTTP1
public import OCI

/// A registry as a whole.
public struct RemoteRegistry: Sendable {
  /// The registry.
  public let host: RegistryHost
  let session: Session

  /// Asks whether the registry is there, and lets in (OCI distribution spec, "Determining Support").
  public func ping() async throws {
    let request = RegistryRequest(
      method: .GET, target: .path(""), repository: nil, access: .none, doing: "let in")
    try await session.perform(request, at: host, accepting: [200]) { answer in await answer.discard() }
  }

  /// Asks whether the registry lets in with a credential, whatever is kept for it.
  ///
  /// - Throws: `RegistryClientError`, `.unauthorized` where it does not.
  public func verify(_ credential: RegistryCredential) async throws {
    let session = Session(session, credentials: OneCredential(credential: credential))
    try await RemoteRegistry(host: host, session: session).ping()
  }

  /// Lists the repositories (OCI distribution spec's predecessor, "Listing Repositories": `_catalog`).
  ///
  /// - Parameter prefix: what the names begin with; the list is filtered here, because registries do not.
  public func repositories(prefix: String = "") -> Pages<RepositoryName> {
    let request = RegistryRequest(
      method: .GET, target: .path("_catalog?n=\(Session.pageSize)"), repository: nil, access: .catalog,
      doing: "list its repositories")
    return session.pages(request, at: host) { page in
      try JSONValue.strings("repositories", in: page).filter { $0.hasPrefix(prefix) }.map {
        try RepositoryName(parsing: $0)
      }
    }
  }
}

/// The one credential that is tried.
private struct OneCredential: CredentialSource {
  let credential: RegistryCredential

  func credential(for host: RegistryHost, repository: RepositoryName?) -> RegistryCredential? { credential }
}
