import Access
import Catalog
import HTTPTypes
import OCI

/// Where requests are let in: who asks, whether they may, and whether it is not too much.
struct AccessGate: Sendable {
  /// Nil where access is open.
  let control: AccessControl?
  let limits: RequestLimits
  let externalURL: ExternalURL?

  /// Who asks.
  ///
  /// - Throws: 401 for an `Authorization` that cannot be read or does not hold, 429 and 503.
  func caller(of head: HTTPRequest, from origin: RequestOrigin) async throws(RegistryError) -> Caller {
    guard let control else { return Caller(identity: .everyone, address: origin.address) }
    let credentials = try credentials(in: head)
    do {
      return Caller(
        identity: try await control.authenticate(credentials, from: origin.address), address: origin.address)
    } catch {
      try limits.countRequest(of: Caller(identity: .anonymous, address: origin.address))
      throw RegistryError(error)
    }
  }

  private func credentials(in head: HTTPRequest) throws(RegistryError) -> Credentials? {
    let fields = head.headerFields[values: .authorization]
    guard let field = fields.first else { return nil }
    guard fields.count == 1 else { throw Self.unreadable("Authorization may stand only once in a request") }
    do {
      return try Credentials(parsing: field)
    } catch {
      throw Self.unreadable(error.description)
    }
  }

  private static func unreadable(_ message: String) -> RegistryError {
    RegistryError(.unauthorized, message, detail: ["reason": "invalid_request"])
  }

  /// Lets by who may.
  ///
  /// - Throws: 401 for who has not shown enough, 403 for who may not.
  func admit(_ caller: Caller, _ requirement: Requirement, hasShown: Bool) async throws(RegistryError) {
    guard let control else { return }
    switch requirement {
    case .nothing: return
    case .token:
      guard hasShown else { throw Self.loginRequired }
    case .account:
      guard !caller.identity.isAnonymous else { throw Self.loginRequired }
    case .catalog:
      guard hasShown else { throw Self.loginRequired }
      guard caller.identity.mayListRepositories else { throw Self.insufficient("this takes a token for the catalogue") }
    case .administrator:
      try await allowing { () throws(AccessError) in try control.requireAdministrator(caller, to: "do this") }
    case .action(let action, let repository):
      let decision: Decision
      do {
        decision = try await control.decide(caller.identity, action, repository)
      } catch {
        throw RegistryError(error)
      }
      if decision.isAllowed { return }
      if decision.rule == .notInAccessToken { throw Self.insufficient(decision.message) }
      if hasShown { control.denials.note(decision, to: caller) }
      guard decision.rule != .notLoggedIn else {
        throw RegistryError(.unauthorized, decision.message, detail: hasShown ? ["reason": "insufficient_scope"] : [:])
      }
      throw RegistryError(.denied, decision.message)
    }
  }

  private static let loginRequired = RegistryError(.unauthorized, "log in, or ask for a token")

  private static func insufficient(_ message: String) -> RegistryError {
    RegistryError(.unauthorized, message, detail: ["reason": "insufficient_scope"])
  }

  // MARK: What a caller may see

  /// Which repositories a list may show to somebody.
  func filter(for caller: Caller) -> RepositoryFilter {
    control?.filter(for: caller.identity) ?? .all
  }

  /// Whether the caller may pull from a repository, which nobody is told.
  func mayPull(_ caller: Caller, from repository: RepositoryName) async throws(RegistryError) -> Bool {
    guard let control else { return true }
    return try await allowing { () throws(AccessError) in
      try await control.decide(caller.identity, .pull, repository).isAllowed
    }
  }

  /// From where a blob may be mounted for somebody.
  enum MountSource {
    case nowhere
    case anywhere
    case repository(RepositoryName)
  }

  /// From where a blob may be mounted; without a source, from any repository that the caller may pull from.
  func mountSource(
    of digest: Digest, from source: RepositoryName?, for caller: Caller
  ) async throws(RegistryError) -> MountSource {
    if let source { return try await mayPull(caller, from: source) ? .repository(source) : .nowhere }
    guard let control else { return .anywhere }
    let found = try await allowing { () throws(AccessError) in
      try await control.repository(holding: digest, readableBy: caller.identity)
    }
    return found.map { .repository($0) } ?? .nowhere
  }

  // MARK: Challenges

  /// The value of `WWW-Authenticate` for who was not let in.
  func challenge(
    for endpoint: Endpoint?, _ method: HTTPRequest.Method, _ origin: RequestOrigin, reason: String?
  ) -> String {
    guard let control, case .distribution = endpoint else { return #"Basic realm="berth""# }
    var value = #"Bearer realm="\#(url(origin))/token",service="\#(control.service)""#
    if let scope = endpoint?.requirement(for: method).scope { value += #",scope="\#(scope)""# }
    if let reason { value += #",error="\#(reason)""# }
    return value
  }

  /// Where the client reaches this server.
  func url(_ origin: RequestOrigin) -> String {
    if let externalURL { return externalURL.description }
    return "\(origin.scheme)://\(origin.host?.description ?? "localhost")"
  }
}
