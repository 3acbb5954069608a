import Access
import Catalog
import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

/// Who comes to a registry with accounts, as its table of routes tells them apart.
enum Persona: String, CaseIterable, Sendable {
  case anonymous
  case reader
  case writer
  /// A member of the organisation with the role `admin`.
  case owner
  /// An administrator of the registry.
  case administrator
  /// A robot whose pattern fits, with the scopes for packages.
  case robot
  /// A robot of the same organisation whose pattern does not fit.
  case strayRobot
  case expired
  case revoked
}

/// A server with an organisation `team`, its private repository `team/api`, and everybody whom the table knows.
struct Cast: Sendable {
  static let repository = "team/api"
  static let tag = "v1"

  let server: LiveServer
  let image: (manifest: Digest, layer: Digest)
  private let logins: [Persona: Login]

  func login(_ persona: Persona) -> Login { logins[persona] ?? .nobody }

  /// The cast of the suite that the current test belongs to.
  @TaskLocal fileprivate static var ofSuite: Cast?

  static var current: Cast {
    guard let ofSuite else { preconditionFailure("the suite has no trait .cast") }
    return ofSuite
  }

  /// Serves for as long as `body` runs.
  static func run(_ body: @Sendable (Cast) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let lapsed = try await seed(folder)
      try await LiveServer.run(data: folder, configure: Self.configure) { server in
        try await body(try await Cast(server, lapsed))
      }
    }
  }

  private static func configure(_ settings: inout Settings) {
    settings.access = .accounts
    settings.webhookPrivateTargets = true
  }

  /// Makes a token that has expired already, which the API would not.
  private static func seed(_ folder: String) async throws -> TokenSecret {
    let catalog = try SQLiteCatalog(path: "\(folder)/catalog.sqlite")
    _ = try await catalog.createAccount(NewAccount(name: .named("owner"), kind: .user), by: .berth)
    let secret = TokenSecret()
    let creation = try await catalog.createToken(
      NewToken(
        hash: secret.hash, owner: .named("owner"), kind: .personal, name: "lapsed", scopes: [.admin],
        expiresAt: .now - .seconds(60)),
      by: .berth)
    guard case .created = creation else { preconditionFailure("the token was not made: \(creation)") }
    try await catalog.close()
    return secret
  }

  private init(_ server: LiveServer, _ lapsed: TokenSecret) async throws {
    self.server = server
    let team = try await server.makeOrganization("team")
    let password = LiveServer.password
    try await server.mustManage(.PATCH, "users/owner", #"{"password":"\#(password)"}"#)
    try await server.setRole("admin", of: "owner", in: team)
    var logins: [Persona: Login] = [.owner: .password("owner", password), .expired: .token(lapsed.reveal())]
    for (persona, role) in [(Persona.reader, "read"), (.writer, "write")] {
      logins[persona] = try await server.makeUser(persona.rawValue).login
      try await server.setRole(role, of: persona.rawValue, in: team)
    }
    logins[.administrator] = try await server.makeUser("root", isAdministrator: true).login
    let scopes = ["write:packages", "delete:packages"]
    logins[.robot] = try await server.makeToken(of: team, named: "fits", scopes: scopes, repositories: ["team/*"]).login
    logins[.strayRobot] = try await server.makeToken(
      of: team, named: "stray", scopes: scopes, repositories: ["team/other", "elsewhere/**"]
    ).login
    let revoked = try await server.makeToken(of: "owner", scopes: ["admin"])
    logins[.revoked] = revoked.login
    try await server.mustManage(.DELETE, "tokens/\(revoked.id)")
    self.logins = logins
    image = try await server.pushNewImage(to: Self.repository, tag: Self.tag)
  }

  // MARK: What destructive rows need anew

  /// A tag of an image of its own.
  func newTag() async throws -> String {
    let tag = LiveServer.newName("tag")
    _ = try await server.pushNewImage(to: Self.repository, tag: tag)
    return tag
  }

  /// A tag that was deleted.
  func newDeletedTag() async throws -> String {
    let tag = try await newTag()
    try await server.send(.DELETE, "/v2/\(Self.repository)/manifests/\(tag)", as: try server.administrator)
    return tag
  }

  /// A blob that no manifest names.
  func newBlob() async throws -> Digest {
    try await server.pushBlob(Sample.newBytes(50), to: Self.repository, as: try server.administrator)
  }

  /// The place of an upload in progress.
  func newUpload() async throws -> String {
    let reply = try await server.send(.POST, "/v2/\(Self.repository)/blobs/uploads/", as: try server.administrator)
    return try #require(reply["Location"])
  }

  /// A user without any role.
  func newUser() async throws -> String {
    let name = LiveServer.newName("somebody")
    try await server.mustManage(.POST, "users", #"{"name":"\#(name)"}"#)
    return name
  }

  /// A member of `team` who may read.
  func newMember() async throws -> String {
    let name = try await newUser()
    try await server.setRole("read", of: name, in: "team")
    return name
  }

  /// A webhook of `team` whose target lets nobody connect.
  func newWebhook() async throws -> String {
    try await server.newWebhook("team").path
  }

  /// A delivery to such a webhook.
  func newDelivery() async throws -> String {
    try await server.newDelivery(try await newWebhook())
  }

  /// A repository with a retention policy.
  func newPolicy() async throws -> String {
    let scope = "team/\(LiveServer.newName("kept"))"
    try await server.mustManage(.PUT, "retention/policies", #"{"scope":"\#(scope)","policy":"rules: []"}"#)
    return scope
  }

  /// A retention run of `team`'s repository that was planned.
  func newRun() async throws -> String {
    try await server.planRetention(of: Self.repository)
  }

  /// A repository of `team` without anything in it.
  func newRepository() async throws -> String {
    let name = "team/\(LiveServer.newName("empty"))"
    try await server.mustManage(.POST, "repositories", #"{"name":"\#(name)"}"#)
    return name
  }
}

/// Runs one cast for all tests of a suite.
struct CastTrait: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await Cast.run { cast in
      try await Cast.$ofSuite.withValue(cast) { try await function() }
    }
  }
}

extension Trait where Self == CastTrait {
  static var cast: Self { CastTrait() }
}
