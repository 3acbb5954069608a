import Access
import Catalog
import HTTPTypes
import OCI
import Registry

/// The types of packages that GitHub knows.
private enum PackageType: String, CaseIterable {
  case npm, maven, rubygems, docker, nuget, container
}

extension PackageRequest {
  /// `GET …/packages`.
  ///
  /// An owner of whom the caller may see neither the account nor any package looks as if it did not exist.
  func listPackages(of owner: PackageRoute.Owner) async throws(RegistryError) -> Answer {
    try require(.pull)
    guard let type: PackageType = try word("package_type") else {
      throw RegistryError(
        .unsupported, "Invalid argument. package_type is missing; packages here have the type container", status: 400)
    }
    let visibility: Visibility? = try word("visibility")
    guard call.caller.identity.mayListRepositories else {
      throw RegistryError(.denied, "this access token is not for lists of repositories")
    }
    let account = try await account(of: owner)
    let pages = PackagePages(call.query)
    let identity = call.caller.identity
    let listed = try await registry.packages(
      of: account.name, gate.filter(for: call.caller),
      where: { type == .container && identity.lists($0) && (visibility == nil || visibility == $1) }, page: pages.page)
    guard listed.total > 0 || maySee(account) else { throw PackageRoute.notFound }
    let documents = documents
    var answer = Answer.github(
      JSONText.array(
        listed.elements.map { documents.package($0, named: $0.repository.withoutOwner, of: account) }))
    var parameters = [("package_type", type.rawValue)]
    if let visibility { parameters.append(("visibility", visibility.rawValue)) }
    answer.fields[.link] = pages.link(to: address, parameters, total: listed.total)
    return answer
  }

  /// `GET …/packages/container/{name}`.
  func showPackage(_ name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .pull)
    return try await show(found)
  }

  /// `PATCH …/packages/container/{name}`, which GitHub does not have: `{"visibility": …}`.
  func changePackage(_ name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .pull)
    guard try await registry.package(found.repository) != nil else { throw Self.packageNotFound }
    let body = try ManagementBody(
      try await call.body.collect(upTo: Self.maximumBody, said: "the body"), as: Self.change)
    try await allowing { () throws(AccessError) in
      try await control.setVisibility(
        body.string("visibility").flatMap(Visibility.init), of: found.repository, by: call.caller)
    }
    return try await show(found)
  }

  private static let change = Schema(
    "PackageChange", [.required("visibility", .words(Visibility.allCases.map(\.rawValue)), "Who may see it.")])

  /// In bytes.
  private static let maximumBody = 4 << 10

  /// `DELETE …/packages/container/{name}`.
  func deletePackage(_ name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .delete)
    let isDeleted = try await noting(.delete, found.repository, "all of it") { () async throws(RegistryError) in
      try await registry.deletePackage(found.repository, by: call.caller.actor)
    }
    guard isDeleted else { throw Self.packageNotFound }
    return Answer(.noContent)
  }

  /// `POST …/packages/container/{name}/restore`.
  func restorePackage(_ name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .push)
    switch try await registry.restorePackage(found.repository, by: call.caller.actor) {
    case .restored: return Answer(.noContent)
    case .inUse:
      throw RegistryError(
        .denied, "\(found.repository) holds manifests by now: delete it first, or restore versions one by one",
        status: 409)
    case .unknown: throw Self.packageNotFound
    }
  }

  /// A package that a path names, and its owner.
  struct Found: Sendable {
    let owner: Account
    let name: RepositoryName
    let repository: RepositoryName
  }

  /// Where the package is, for those who may do something with it, whether it holds anything or not.
  ///
  /// - Throws: 404, also where the caller may not know of it; 403.
  func find(_ name: PackageRoute.Name, takes action: RepositoryAction) async throws(RegistryError) -> Found {
    try require(action)
    let owner: Account
    do {
      owner = try await account(of: name.owner)
    } catch {
      throw error == PackageRoute.notFound ? Self.packageNotFound : error
    }
    guard let repository = try? RepositoryName(parsing: "\(owner.name)/\(name.name)") else {
      throw Self.packageNotFound
    }
    try await require(action, on: repository)
    return Found(owner: owner, name: name.name, repository: repository)
  }

  private func show(_ found: Found) async throws(RegistryError) -> Answer {
    guard let package = try await registry.package(found.repository) else { throw Self.packageNotFound }
    return .github(documents.package(package, named: found.name, of: found.owner))
  }

  /// The list's address, as the client asked for it.
  var address: String { gate.url(call.origin) + path }

  /// Carries out a change, and has the audit trail tell where a rule or a hold forbade it.
  func noting<Success: Sendable>(
    _ action: AuditEvent.Action, _ repository: RepositoryName, _ subject: String,
    _ change: () async throws(RegistryError) -> Success
  ) async throws(RegistryError) -> Success {
    do {
      return try await change()
    } catch {
      if error.detail["rule"] != nil || error.detail["hold"] != nil {
        control.denials.note(
          call.caller.actor, action, repository: repository.value, subject: subject, reason: error.message)
      }
      throw error
    }
  }
}

extension RepositoryName {
  /// What stands behind the owner; the owner's name where there is nothing.
  fileprivate var withoutOwner: RepositoryName {
    let rest = value.drop { $0 != "/" }.dropFirst()
    return (try? RepositoryName(parsing: rest)) ?? self
  }
}
