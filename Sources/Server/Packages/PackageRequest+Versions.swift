import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension PackageRequest {
  /// `GET …/packages/container/{name}/versions`.
  func listVersions(of name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let state: PackageVersion.State? = try word("state")
    let found = try await find(name, takes: .pull)
    // Who deleted something may see it; who may only pull does not learn what there was.
    if state == .deleted { try await requireRole(for: .push, on: found.repository) }
    let pages = PackagePages(call.query)
    let listed = try await registry.versions(of: found.repository, state ?? .active, page: pages.page)
    guard listed.total > 0 || state == .deleted else { throw Self.packageNotFound }
    let documents = documents
    var answer = Answer.github(
      JSONText.array(listed.elements.map { documents.version($0, of: found.name, of: found.owner) }))
    answer.fields[.link] = pages.link(
      to: address, state.map { [("state", $0.rawValue)] } ?? [], total: listed.total)
    return answer
  }

  /// `GET …/versions/{id}`.
  func showVersion(_ id: Int64, of name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .pull)
    guard let version = try await registry.version(id, of: found.repository, .active) else {
      throw Self.versionNotFound
    }
    return .github(documents.version(version, of: found.name, of: found.owner))
  }

  /// `DELETE …/versions/{id}`.
  func deleteVersion(_ id: Int64, of name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .delete)
    let outcome = try await noting(.delete, found.repository, "the version \(id)") { () async throws(RegistryError) in
      try await registry.deleteVersion(id, of: found.repository, by: call.caller.actor)
    }
    switch outcome {
    case .deleted: return Answer(.noContent)
    case .unknown: throw Self.versionNotFound
    case .needed(by: let index):
      throw RegistryError(
        .denied, "this version stays, because the index \(index) lists it; delete that one first",
        detail: ["neededBy": index.description], status: 409)
    case .lastTagged: throw Self.lastTagged
    }
  }

  /// `POST …/versions/{id}/restore`.
  func restoreVersion(_ id: Int64, of name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .push)
    guard let version = try await registry.version(id, of: found.repository, .deleted) else {
      throw Self.versionNotFound
    }
    do {
      _ = try await registry.restore(
        Restoration(.digest(version.digest), in: found.repository, withTags: true, by: call.caller.actor))
    } catch {
      // It has left the trash since it was looked up.
      throw error.code == .manifestUnknown ? Self.versionNotFound : error
    }
    return Answer(.noContent)
  }

  /// `DELETE …/versions/{id}/tags/{tag}`, which GitHub does not have.
  func delete(_ tag: Tag, ofVersion id: Int64, of name: PackageRoute.Name) async throws(RegistryError) -> Answer {
    let found = try await find(name, takes: .delete)
    let isDeleted = try await noting(.delete, found.repository, tag.value) { () async throws(RegistryError) in
      try await registry.deleteTag(tag, ofVersion: id, of: found.repository, by: call.caller.actor)
    }
    guard isDeleted else {
      throw RegistryError(.manifestUnknown, "Not Found: the version \(id) has no tag \(tag)")
    }
    return Answer(.noContent)
  }

  private static let versionNotFound = RegistryError(.manifestUnknown, "Package version not found.")

  /// Clean-up actions compare this message with GitHub's, to go on with the other versions or to delete the package.
  private static let lastTagged = RegistryError(
    .denied, "You cannot delete the last tagged version of a package. You must delete the package instead.",
    status: 400)
}
