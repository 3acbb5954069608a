import Access
import HTTPTypes
import HummingbirdCore
import NIOCore
import OCI
import Registry

/// The distribution specification's API, `/v2`: from a request to what the registry is asked, and from what it says to
/// an answer.
struct DistributionAPI: Sendable {
  let registry: Registry
  /// What is pulled, and fetched before where it has to be.
  let mirror: MirroredRegistry
  let gate: AccessGate
  /// The largest manifest that is taken, in bytes.
  let maxManifestSize: Int

  /// What a path asks for: the repository that its name means, which a mirrored one has other names for.
  ///
  /// A `HEAD` of a blob is how clients ask, before they push, what they need not send; so it is about the repository that
  /// is named, though that may not be there yet, unless the client says by `ns` that it means the upstream's.
  func resolve(
    _ endpoint: Endpoint, _ query: Query, _ method: HTTPRequest.Method
  ) async throws(RegistryError) -> Endpoint {
    guard case .distribution(let route) = endpoint, let name = route.repository else { return endpoint }
    let namespace = query["ns"]
    var isRead = method == .get || method == .head
    if case .blob = route, method == .head, namespace == nil { isRead = false }
    let meant = try await mirror.repository(named: name, namespace: namespace, isRead: isRead)
    return meant == name ? endpoint : .distribution(route.renamed(meant))
  }

  func answer(_ call: Call, to route: DistributionRoute) async throws(RegistryError) -> Answer {
    if let name = route.repository, case .action(.push, _) = route.requirement(for: call.method) {
      try mirror.requireLocal(name)
    }
    switch route {
    case .ping: return .json("{}")
    case .catalog: return try await repositories(call)
    case .tags(let name): return try await tags(name, call)
    case .referrers(let name, let digest): return try await referrers(name, digest, call)
    case .manifest(let name, let reference): return try await manifest(name, reference, call)
    case .blob(let name, let digest): return try await blob(name, digest, call)
    case .uploads(let name): return try await beginUpload(name, call)
    case .upload(let name, let id): return try await upload(name, id, call)
    }
  }
}

/// Whether one of a header's entity tags is the one given, or any is asked for (RFC 9110, section 13.1.2).
func matches(_ header: String?, _ entityTag: String) -> Bool {
  guard let header else { return false }
  return header.split(separator: ",").contains { candidate in
    var candidate = candidate.drop { $0 == " " }
    while candidate.last == " " { candidate.removeLast() }
    if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
    return candidate == "*" || candidate == entityTag
  }
}
