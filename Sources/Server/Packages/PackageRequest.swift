import Access
import Catalog
import HTTPTypes
import HummingbirdCore
import OCI
import Registry

/// One request to the packages API.
struct PackageRequest: Sendable {
  let call: Call
  let control: AccessControl
  let registry: Registry
  let catalog: any Catalog
  let gate: AccessGate

  func answer(to route: PackageRoute) async throws(RegistryError) -> Answer {
    switch route {
    case .account(let owner): return try await showAccount(owner)
    case .packages(let owner): return try await listPackages(of: owner)
    case .conflicts(let owner): return try await listConflicts(of: owner)
    case .package(let name):
      switch call.method {
      case .patch: return try await changePackage(name)
      case .delete: return try await deletePackage(name)
      default: return try await showPackage(name)
      }
    case .packageRestoration(let name): return try await restorePackage(name)
    case .versions(let name): return try await listVersions(of: name)
    case .version(let name, let id):
      return try await call.method == .delete ? deleteVersion(id, of: name) : showVersion(id, of: name)
    case .versionRestoration(let name, let id): return try await restoreVersion(id, of: name)
    case .versionTag(let name, let id, let tag): return try await delete(tag, ofVersion: id, of: name)
    }
  }

  var documents: PackageDocuments {
    PackageDocuments(
      addresses: PackageAddresses(web: gate.url(call.origin)),
      tellsAdministrators: call.caller.identity.isAdministrator)
  }

  // MARK: Accounts

  /// `GET /user` and `GET /users/{login}`.
  private func showAccount(_ owner: PackageRoute.Owner) async throws(RegistryError) -> Answer {
    let account = try await account(of: owner)
    guard maySee(account) else { throw PackageRoute.notFound }
    return .github(documents.account(account))
  }

  /// `GET …/docker/conflicts`: packages of GitHub's former registry whose names were in use, of which there are none.
  private func listConflicts(of owner: PackageRoute.Owner) async throws(RegistryError) -> Answer {
    try require(.pull)
    let account = try await account(of: owner)
    guard maySee(account) else { throw PackageRoute.notFound }
    return .github("[]")
  }

  /// Whether the caller may know of an account whatever it owns: as the management API has it.
  func maySee(_ account: Account) -> Bool {
    call.caller.identity.isAdministrator || call.caller.identity.role(in: account.name) != nil
  }

  /// - Throws: 404 where there is none; that there is one is not to be told yet.
  func account(of owner: PackageRoute.Owner) async throws(RegistryError) -> Account {
    let account: Account?
    switch owner {
    case .caller:
      guard case .user(let user, _) = call.caller.identity.subject else {
        throw RegistryError(
          .denied,
          "Resource not accessible: \(call.caller.identity.name) is no user; name the owner by /orgs/{org} or "
            + "/users/{user}")
      }
      return user
    case .account(let name): account = try await self.account(name)
    case .organization(let name):
      account = try await self.account(name).flatMap { $0.kind == .organization ? $0 : nil }
    }
    guard let account else { throw PackageRoute.notFound }
    return account
  }

  private func account(_ name: AccountName) async throws(RegistryError) -> Account? {
    do {
      return try await catalog.account(name)
    } catch {
      throw RegistryError(error)
    }
  }

  // MARK: Who may

  /// That the token, if it is one, has a scope for an action, which is told before anything that depends on what exists.
  func require(_ action: RepositoryAction) throws(RegistryError) {
    guard let limits = call.caller.identity.limits, limits.scopes.isDisjoint(with: action.scopes) else { return }
    control.denials.note(
      call.caller.actor, .manage, subject: "\(call.method) \(path)",
      reason: "\(limits.token) does not have the scope \(action.scopes[0].rawValue)")
    throw RegistryError(
      .denied, "You need at least \(action.scopes[0].rawValue) scope: \(limits.token) does not have it",
      detail: [
        "scopes": call.caller.identity.scopeList ?? "",
        "acceptedScopes": action.scopes.map(\.rawValue).joined(separator: ", "),
      ])
  }

  /// Lets by who may do something with a repository.
  func require(_ action: RepositoryAction, on repository: RepositoryName) async throws(RegistryError) {
    try require(action)
    try await require(action, on: repository, as: call.caller.identity)
  }

  /// Lets by whose role in the owner is enough for something, whatever the scopes of the token.
  func requireRole(for action: RepositoryAction, on repository: RepositoryName) async throws(RegistryError) {
    try await require(action, on: repository, as: call.caller.identity.withEveryScope)
  }

  private func require(
    _ action: RepositoryAction, on repository: RepositoryName, as identity: Identity
  ) async throws(RegistryError) {
    let decision = try await allowing { () throws(AccessError) in
      try await control.decide(identity, action, repository)
    }
    if decision.isAllowed { return }
    control.denials.note(decision, to: call.caller)
    throw decision.mayKnow ? RegistryError(.denied, decision.message) : Self.packageNotFound
  }

  static let packageNotFound = RegistryError(.nameUnknown, "Package not found.")

  // MARK: What requests say

  /// The path, without its query, as the client wrote it.
  var path: Substring { (call.request.head.path ?? "").prefix { $0 != "?" } }

  /// A word of the query that has to be one of some.
  func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, as type: Word.Type = Word.self
  ) throws(RegistryError) -> Word? where Word.RawValue == String {
    guard let text = call.query[name] else { return nil }
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw RegistryError(.unsupported, "Invalid argument. \(name) is one of \(words)", status: 400)
    }
    return word
  }
}
