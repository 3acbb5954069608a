internal import Foundation
public import NIOHTTP1
public import OCI
internal import Synchronization

/// What a request shows of who sends it.
public enum Login: Hashable, Sendable {
  case nobody
  /// A name and a password, or a token in its place, as Basic.
  case password(String, String)
  /// A token as Bearer.
  case token(String)

  /// The header fields that show it.
  public var headers: [(String, String)] {
    switch self {
    case .nobody: []
    case .password(let user, let password):
      [("Authorization", "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())")]
    case .token(let token): [("Authorization", "Bearer \(token)")]
    }
  }
}

/// A token that was made by the management API.
public struct CreatedToken: Sendable, Decodable {
  /// Its number.
  public let id: Int64
  /// What a client sends.
  public let secret: String

  /// The token as Bearer.
  public var login: Login { .token(secret) }
}

/// What `GET` and `POST /token` answer.
public struct TokenReply: Sendable, Decodable {
  /// The access token.
  public let token: String
  /// The access token, as OAuth 2.0 calls it.
  public let access_token: String
  /// For how many seconds it can be used.
  public let expires_in: Int
  /// When it was made.
  public let issued_at: String
  /// What it grants.
  public let scope: String?
  /// What a client may keep in place of a password.
  public let refresh_token: String?

  /// The access token as Bearer.
  public var login: Login { .token(token) }
}

extension LiveServer {
  /// The password of every user that a test makes and says nothing else about.
  public static let password = "four words in a row"

  private static let names = Atomic<Int>(0)

  /// A name that no other test uses, for an account.
  public static func newName(_ kind: String) -> String {
    "\(kind)-\(names.add(1, ordering: .relaxed).newValue)"
  }

  /// The administrator whose token the first start made.
  public var administrator: Login {
    get throws {
      let text = try String(contentsOfFile: "\(data)/admin-token", encoding: .utf8)
      return .token(text.trimmingCharacters(in: .newlines))
    }
  }

  // MARK: Requests

  /// Sends a request as somebody.
  @discardableResult
  public func send(
    _ method: HTTPMethod, _ target: String, as login: Login, _ headers: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws -> Reply {
    try await send(method, target, login.headers + headers, body: body)
  }

  /// Sends a request to the management API, as the first administrator where nobody else is named.
  ///
  /// - Parameter path: what stands behind `/api/v1/`.
  @discardableResult
  public func manage(
    _ method: HTTPMethod, _ path: String, as login: Login? = nil, _ json: String? = nil
  ) async throws -> Reply {
    let login = try login ?? administrator
    return try await send(method, "/api/v1/\(path)", as: login, body: json.map { Array($0.utf8) })
  }

  /// As `manage`, of a request that has to succeed.
  @discardableResult
  public func mustManage(
    _ method: HTTPMethod, _ path: String, as login: Login? = nil, _ json: String? = nil
  ) async throws -> Reply {
    let reply = try await manage(method, path, as: login, json)
    guard (200..<300).contains(reply.status) else { throw UnexpectedReply(reply: reply) }
    return reply
  }

  /// Plans what goes from a scope by its retention policies.
  ///
  /// - Returns: the run's number.
  public func planRetention(of scope: String) async throws -> String {
    let reply = try await mustManage(.POST, "retention/runs?scope=\(scope)")
    guard let run = reply.text.split(separator: #""run":"#).last?.prefix(while: \.isNumber) else {
      throw UnexpectedReply(reply: reply)
    }
    return String(run)
  }

  // MARK: Accounts

  /// Makes a user.
  ///
  /// - Returns: the user, by password.
  @discardableResult
  public func makeUser(
    _ name: String = LiveServer.newName("user"), isAdministrator: Bool = false
  ) async throws -> (name: String, login: Login) {
    try await mustManage(
      .POST, "users", #"{"name":"\#(name)","password":"\#(Self.password)","administrator":\#(isAdministrator)}"#)
    return (name, .password(name, Self.password))
  }

  /// Makes an organisation.
  ///
  /// - Returns: its name.
  @discardableResult
  public func makeOrganization(_ name: String = LiveServer.newName("team")) async throws -> String {
    try await mustManage(.POST, "organizations", #"{"name":"\#(name)"}"#)
    return name
  }

  /// Gives a user a role in an organisation; nil takes it away.
  public func setRole(_ role: String?, of user: String, in organization: String) async throws {
    let path = "organizations/\(organization)/members/\(user)"
    if let role {
      try await mustManage(.PUT, path, #"{"role":"\#(role)"}"#)
    } else {
      try await mustManage(.DELETE, path)
    }
  }

  /// Makes a user with a role in an organisation.
  public func makeMember(_ role: String, of organization: String) async throws -> (name: String, login: Login) {
    let user = try await makeUser(Self.newName(role))
    try await setRole(role, of: user.name, in: organization)
    return user
  }

  /// Makes a token of a user, or a robot's where the owner is an organisation.
  public func makeToken(
    of owner: String, named name: String = LiveServer.newName("ci"), scopes: [String], repositories: [String] = [],
    expiresAt: Timestamp? = nil
  ) async throws -> CreatedToken {
    func list(_ values: [String]) -> String { JSONText.array(values.map(JSONText.string)) }
    var members = [
      ("owner", JSONText.string(owner)), ("name", JSONText.string(name)), ("scopes", list(scopes)),
      ("repositories", list(repositories)),
    ]
    if let expiresAt { members.append(("expiresAt", JSONText.string(expiresAt.rfc3339))) }
    let reply = try await mustManage(.POST, "tokens", JSONText.object(members))
    return try JSONDecoder().decode(CreatedToken.self, from: Data(reply.body))
  }

  /// Changes who may pull from a repository.
  public func setVisibility(_ visibility: String, of repository: String) async throws {
    try await mustManage(.PATCH, "repositories/\(repository)", #"{"visibility":"\#(visibility)"}"#)
  }

  // MARK: Access tokens

  /// Asks for an access token as clients do, by `GET /token`.
  public func accessToken(
    as login: Login, scopes: [String] = [], query: String = ""
  ) async throws -> TokenReply {
    let scopes = scopes.map { "&scope=\($0)" }.joined()
    let reply = try await send(.GET, "/token?service=berth\(scopes)\(query)", as: login)
    guard reply.status == 200 else { throw UnexpectedReply(reply: reply) }
    return try JSONDecoder().decode(TokenReply.self, from: Data(reply.body))
  }

  // MARK: Images

  /// Pushes a blob as somebody, in one request.
  @discardableResult
  public func pushBlob(_ bytes: [UInt8], to repository: String, as login: Login) async throws -> Digest {
    let digest = Digest.of(bytes)
    let reply = try await send(.POST, "/v2/\(repository)/blobs/uploads/?digest=\(digest)", as: login, body: bytes)
    guard reply.status == 201 else { throw UnexpectedReply(reply: reply) }
    return digest
  }

  /// Pushes an image that no other test has, blobs first, as the first administrator where nobody else is named.
  ///
  /// - Returns: the manifest's digest and the layer's.
  @discardableResult
  public func pushNewImage(
    to repository: String, tag: String, as login: Login? = nil
  ) async throws -> (manifest: Digest, layer: Digest) {
    let login = try login ?? administrator
    let layer = Sample.newBytes(100)
    try await pushBlob(Array("{}".utf8), to: repository, as: login)
    try await pushBlob(layer, to: repository, as: login)
    let bytes = Sample.image(layers: [layer])
    let reply = try await send(
      .PUT, "/v2/\(repository)/manifests/\(tag)", as: login, [("Content-Type", MediaType.ociManifest.value)],
      body: bytes)
    guard reply.status == 201 else { throw UnexpectedReply(reply: reply) }
    return (Digest.of(bytes), Digest.of(layer))
  }
}
