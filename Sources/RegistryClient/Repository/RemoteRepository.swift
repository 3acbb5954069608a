internal import NIOCore
internal import NIOHTTP1
public import OCI

/// A repository of a registry.
public struct RemoteRepository: Sendable {
  /// The registry.
  public let host: RegistryHost
  /// The repository in it.
  public let name: RepositoryName
  let session: Session
  /// Whether only the registry itself is asked.
  private var isTarget = false

  init(host: RegistryHost, name: RepositoryName, session: Session) {
    self.host = host
    self.name = name
    self.session = session
  }

  /// The repository as something is pushed to it or deleted from it: what it has is asked of the registry itself, and
  /// not of mirrors or of what pulls are led to.
  public var asTarget: RemoteRepository {
    var target = self
    target.isTarget = true
    return target
  }

  func request(
    _ method: HTTPMethod, _ path: String, _ access: RegistryRequest.Access, doing: String, headers: HTTPHeaders = [:],
    body: RegistryRequest.Body = .none, reference: Reference? = nil
  ) -> RegistryRequest {
    RegistryRequest(
      method: method, target: .path(path), repository: name, access: access, doing: doing, headers: headers, body: body,
      reference: reference, concernsPush: isTarget)
  }

  /// Lists the tags, in the order of the registry (OCI distribution spec, "Listing Tags").
  public func tags() -> Pages<Tag> {
    session.pages(
      request(.GET, "tags/list?n=\(Session.pageSize)", .pull, doing: "list the tags of \(name)"), at: host
    ) { page in
      try JSONValue.strings("tags", in: page).map { try Tag(parsing: $0) }
    }
  }

  /// Deletes a manifest, or a tag where the registry can delete a tag alone.
  ///
  /// - Returns: false where it was not there.
  public func delete(manifest reference: Reference) async throws -> Bool {
    try await delete("manifests/\(reference)", doing: "delete \(name) \(reference)")
  }

  /// Deletes a blob.
  ///
  /// - Returns: false where it was not there.
  public func delete(blob digest: Digest) async throws -> Bool {
    try await delete("blobs/\(digest)", doing: "delete the blob \(digest) of \(name)")
  }

  private func delete(_ path: String, doing: String) async throws -> Bool {
    try await session.perform(
      request(.DELETE, path, .delete, doing: doing), at: host, accepting: [200, 202, 204, 404]
    ) { answer in
      await answer.discard()
      return answer.status != 404
    }
  }
}
