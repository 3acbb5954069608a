import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  /// `GET /api/v1/trash/manifests`.
  func trashedManifests(_ call: Call) async throws(RegistryError) -> Answer {
    let (repository, limit) = (try await trashRepository(call, takes: .push), try limit(call))
    let page = try await registry.trashedManifests(in: repository, after: try Self.place(call), limit: limit)
    return Self.page(page, call, repository, limit, place: \.place) { trashed in
      Self.members(trashed.manifest, trashed.deletedAt, trashed.deletedBy, trashed.place) + [
        ("mediaType", JSONText.string(trashed.mediaType.value)), ("bytes", String(trashed.bytes)),
      ]
    }
  }

  /// `GET /api/v1/trash/tags`.
  func trashedTags(_ call: Call) async throws(RegistryError) -> Answer {
    let (repository, limit) = (try await trashRepository(call, takes: .push), try limit(call))
    let page = try await registry.trashedTags(in: repository, after: try Self.place(call), limit: limit)
    return Self.page(page, call, repository, limit, place: \.place) { trashed in
      Self.members(trashed.manifest, trashed.deletedAt, trashed.deletedBy, trashed.place) + [
        ("tag", JSONText.string(trashed.tag.value))
      ]
    }
  }

  /// `DELETE /api/v1/trash`.
  func emptyTrash(_ call: Call) async throws(RegistryError) -> Answer {
    let repository = try await trashRepository(call, takes: .delete)
    let count = try await registry.emptyTrash(of: repository, by: call.caller.actor)
    return .json(JSONText.object([("manifests", String(count.manifests)), ("tags", String(count.tags))]))
  }

  /// `POST /api/v1/restorations`.
  func restore(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let repository = try repository(body.string("repository"))
    try await requireWritable(repository, call)
    let restored = try await registry.restore(
      Restoration(
        try Self.reference(body), in: repository, withTags: body.bool("tags") ?? false, by: call.caller.actor))
    return .json(
      JSONText.object([
        ("digest", JSONText.string(restored.digest.description)),
        ("manifests", JSONText.array(restored.manifests.map { JSONText.string($0.description) })),
        ("tags", JSONText.array(restored.tags.map { JSONText.string($0.value) })),
        ("taken", JSONText.array(restored.taken.map { JSONText.string($0.value) })),
      ]))
  }

  /// `GET` and `PATCH /api/v1/trash/windows/{owner}`.
  func trashWindow(
    of owner: AccountName, _ call: Call, _ route: ManagementRoute
  ) async throws(RegistryError) -> Answer {
    if call.method == .patch {
      let body = try await body(of: call, route)
      if let control = gate.control {
        try await allowing { () throws(AccessError) in try control.requireTrashWindow(of: owner, call.caller) }
      }
      try await registry.setTrashWindow(
        try Self.window(body.string("window") ?? ""), of: owner, by: call.caller.actor)
    }
    let (window, isStandard) = try await registry.trashWindow(of: owner)
    return .json(
      JSONText.object([
        ("owner", JSONText.string(owner.value)), ("window", JSONText.string(window.settingText)),
        ("inherited", String(isStandard)),
      ]))
  }

  private static func window(_ text: String) throws(RegistryError) -> Duration? {
    guard text != "default" else { return nil }
    let window: Duration
    do {
      window = try Duration(parsing: text)
    } catch {
      throw RegistryError(.unsupported, "window: \(error.message), or default", status: 400)
    }
    guard window <= longestWindow else {
      throw RegistryError(.unsupported, "window is from 0s to \(longestWindow.settingText)", status: 400)
    }
    return window
  }

  /// Ten years, as for the setting `trash-window`.
  private static let longestWindow = Duration.seconds(3650 * 86_400)

  /// The repository whose trash is meant; nil for all, which takes an administrator.
  private func trashRepository(
    _ call: Call, takes action: RepositoryAction
  ) async throws(RegistryError) -> RepositoryName? {
    let hasShown = call.headers.contains(.authorization)
    guard let text = call.query["repository"] else {
      try await gate.admit(call.caller, .administrator, hasShown: hasShown)
      return nil
    }
    let repository = try repository(text)
    try await gate.admit(call.caller, .action(action, repository), hasShown: hasShown)
    return repository
  }

  /// Where the page before ended: milliseconds and a row, with a point between them.
  private static func place(_ call: Call) throws(RegistryError) -> TrashPlace? {
    guard let text = call.query["after"] else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let moment = Int64(parts[0]), let row = Int64(parts[1]), moment >= 0, row >= 0 else {
      throw RegistryError(.unsupported, "after is where the page before ended, as its Link says", status: 400)
    }
    return TrashPlace(keptUntil: Timestamp(milliseconds: moment), row: row)
  }

  private static func page<Element>(
    _ page: Page<Element>, _ call: Call, _ repository: RepositoryName?, _ limit: Int,
    place: (Element) -> TrashPlace, members: (Element) -> [(String, String)]
  ) -> Answer {
    var answer = Answer.json(JSONText.array(page.elements.map { JSONText.object(members($0)) }))
    if page.hasMore, let last = page.elements.last.map(place) {
      let scope = repository.map { "repository=\(PercentEncoding.encode($0.value))&" } ?? ""
      answer.fields[.link] = link(call, "\(scope)after=\(last.keptUntil.milliseconds).\(last.row)", limit)
    }
    return answer
  }

  private static func members(
    _ manifest: RepositoryDigest, _ deletedAt: Timestamp, _ deletedBy: String?, _ place: TrashPlace
  ) -> [(String, String)] {
    var members = [
      ("repository", JSONText.string(manifest.repository.value)),
      ("digest", JSONText.string(manifest.digest.description)),
      ("deletedAt", JSONText.string(deletedAt.preciseRFC3339)),
    ]
    if let deletedBy { members.append(("deletedBy", JSONText.string(deletedBy))) }
    members.append(("keptUntil", JSONText.string(place.keptUntil.preciseRFC3339)))
    return members
  }
}
