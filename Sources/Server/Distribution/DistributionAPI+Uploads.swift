import Access
import HTTPTypes
import NIOCore
import OCI
import Registry

extension DistributionAPI {
  /// `POST`: a mount, a whole blob, or the beginning of an upload.
  func beginUpload(_ name: RepositoryName, _ call: Call) async throws(RegistryError) -> Answer {
    if let text = call.query["mount"] {
      let digest = try digest(text)
      let source = try call.query["from"].map(repository)
      if try await mount(digest, from: source, to: name, for: call.caller) { return created(digest, in: name) }
    } else if let text = call.query["digest"] {
      let digest = try digest(text)
      try await registry.pushBlob(digest, to: name, length: call.contentLength, body: call.body)
      return created(digest, in: name)
    }
    return progress(of: try await registry.beginUpload(in: name), in: name, offset: 0, status: .accepted)
  }

  /// Whether there was a blob to mount that the caller may pull; that there is one, and where, nobody else is told.
  private func mount(
    _ digest: Digest, from source: RepositoryName?, to name: RepositoryName, for caller: Caller
  ) async throws(RegistryError) -> Bool {
    switch try await gate.mountSource(of: digest, from: source, for: caller) {
    case .nowhere: false
    case .anywhere: try await registry.mountBlob(digest, from: nil, to: name)
    case .repository(let source): try await registry.mountBlob(digest, from: source, to: name)
    }
  }

  func upload(_ name: RepositoryName, _ id: UploadID, _ call: Call) async throws(RegistryError) -> Answer {
    switch call.method {
    case .patch:
      let offset = try await registry.appendToUpload(
        id, in: name, range: try range(of: call), length: call.contentLength, body: call.body)
      return progress(of: id, in: name, offset: offset, status: .accepted)
    case .put:
      guard let text = call.query["digest"] else {
        throw RegistryError(.digestInvalid, "the upload's end names no digest; put ?digest=sha256:… behind the path")
      }
      let digest = try digest(text)
      try await registry.finishUpload(
        id, in: name, as: digest, range: try range(of: call), length: call.contentLength, body: call.body)
      return created(digest, in: name)
    case .delete:
      try await registry.cancelUpload(id, in: name)
      return Answer(.noContent)
    default:
      return progress(
        of: id, in: name, offset: try await registry.uploadOffset(id, in: name), status: .noContent)
    }
  }

  /// An upload's place, and how far it is. Clients take `0-0` for the beginning.
  func progress(
    of id: UploadID, in name: RepositoryName, offset: Int64, status: HTTPResponse.Status
  ) -> Answer {
    Answer(
      status,
      fields: [
        .location: "/v2/\(name)/blobs/uploads/\(id)",
        .range: "0-\(max(0, offset - 1))",
        .dockerUploadUUID: id.description,
      ])
  }

  private func created(_ digest: Digest, in name: RepositoryName) -> Answer {
    Answer(
      .created,
      fields: [
        .location: "/v2/\(name)/blobs/\(digest)",
        .dockerContentDigest: digest.description,
      ])
  }

  private func digest(_ text: String) throws(RegistryError) -> Digest {
    do {
      return try Digest(parsing: text)
    } catch {
      throw RegistryError(.digestInvalid, error.description)
    }
  }

  private func repository(_ text: String) throws(RegistryError) -> RepositoryName {
    do {
      return try RepositoryName(parsing: text)
    } catch {
      throw RegistryError(.nameInvalid, "from: \(error)")
    }
  }

  private func range(of call: Call) throws(RegistryError) -> ChunkRange? {
    guard let header = call.headers[.contentRange] else { return nil }
    do {
      return try ChunkRange(parsing: header)
    } catch {
      throw RegistryError(.blobUploadInvalid, "Content-Range: \(error)")
    }
  }
}
