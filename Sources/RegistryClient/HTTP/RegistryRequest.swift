internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// A request to a registry, before it is known which endpoint it goes to.
struct RegistryRequest: Sendable {
  /// What it asks to be allowed to do.
  enum Access: Sendable {
    /// Nothing but to be let in.
    case none
    case catalog
    /// Actions in the request's repository, and to pull from another where a blob is mounted from there.
    case repository([String], mountingFrom: RepositoryName? = nil)

    static let pull = Access.repository(["pull"])
    static let push = Access.repository(["pull", "push"])
    static let delete = Access.repository(["delete", "pull"])
  }

  /// Where it leads.
  enum Target: Sendable {
    /// A path under `/v2/`, and under the repository where there is one.
    case path(String)
    /// What an answer pointed to.
    case address(WebAddress)
  }

  enum Body: Sendable {
    case none
    case bytes(ByteBuffer)
    /// Bytes that come once, of a known number.
    case stream(BufferPipe.Part)
  }

  let method: HTTPMethod
  let target: Target
  let repository: RepositoryName?
  let access: Access
  /// What is asked for, as errors say it: the registry "did not …".
  let doing: String
  var headers = HTTPHeaders()
  var body = Body.none
  /// The reference that is asked for, which a mirror may not be there for.
  var reference: Reference?

  /// Whether it is about what the registry itself has, as everything is that is asked for the sake of a push.
  var concernsPush = false

  /// Whether mirrors can answer it.
  var isPull: Bool {
    guard !concernsPush, case .repository(["pull"], mountingFrom: nil) = access else { return false }
    return method == .GET || method == .HEAD
  }

  var canBeSentAgain: Bool {
    if case .stream = body { return false }
    return true
  }

  /// The address at an endpoint.
  func address(at endpoint: RegistryEndpoint) throws -> WebAddress {
    switch target {
    case .address(let address): return address
    case .path(let path):
      let repository = try repository.map { try endpoint.repository($0).description + "/" } ?? ""
      return try endpoint.address("/v2/\(repository)\(path)")
    }
  }

  /// What a token has to allow at an endpoint.
  func scopes(at endpoint: RegistryEndpoint) throws -> [TokenScope] {
    switch access {
    case .none: return []
    case .catalog: return [.catalog]
    case .repository(let actions, let source):
      guard let repository else { return [] }
      var scopes = [TokenScope(repository: try endpoint.repository(repository), actions: actions)]
      if let source { scopes.append(TokenScope(repository: try endpoint.repository(source), actions: ["pull"])) }
      return scopes
    }
  }
}
