import NIOHTTP1
import OCI
import TestSupport

extension CrashClient {
  /// A promise that was broken.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Compares what the server has with what the client was answered, and goes on from there.
  ///
  /// A request whose answer did not come was carried out or was not; either as a whole.
  mutating func check(_ server: ServerProcess) async throws {
    let found = try await look(server)
    guard found == known || found == doubt else {
      throw Fault(
        description: """
          \(repository): found \(found.summary); acknowledged was \(known.summary), and in doubt \
          \(doubt?.summary ?? "nothing")
          """)
    }
    known = found
    doubt = nil
    deletedImages.removeAll { found.images.contains($0) }
    for image in known.images {
      for blob in image.blobs {
        guard try await isWhole(blob, on: server) else {
          throw Fault(
            description: "\(repository)@\(image.digest) was acknowledged, and its blob \(blob.digest) is gone")
        }
      }
    }
    for blob in uncertainBlobs { _ = try await isWhole(blob, on: server) }
    uncertainBlobs = []
    for blob in deletedBlobs where try await isWhole(blob, on: server) {
      throw Fault(description: "\(repository): the blob \(blob.digest) was deleted, and is back")
    }
    try await checkUpload(server)
  }

  /// What there is of all that the client ever knew of.
  private func look(_ server: ServerProcess) async throws -> Ledger {
    var found = Ledger()
    for image in known.images.union(doubt?.images ?? []).union(deletedImages) {
      if try await manifest(image.digest.description, on: server) == image.bytes { found.images.insert(image) }
    }
    for tag in Self.tags {
      if let bytes = try await manifest(tag, on: server) { found.tags[tag] = .of(bytes) }
    }
    return found
  }

  /// The bytes of a manifest, verified where the reference is a digest.
  private func manifest(_ reference: String, on server: ServerProcess) async throws -> [UInt8]? {
    let reply = try await server.send(.GET, "/v2/\(repository)/manifests/\(reference)")
    if reply.status == 404 { return nil }
    guard reply.status == 200 else { throw UnexpectedReply(reply) }
    guard reply["Docker-Content-Digest"] == Digest.of(reply.body).description else {
      throw Fault(description: "\(repository):\(reference) is served with bytes of another digest")
    }
    return reply.body
  }

  /// Whether a blob is there; where it is, all of it.
  private func isWhole(_ blob: Blob, on server: ServerProcess) async throws -> Bool {
    let reply = try await server.send(.GET, "/v2/\(repository)/blobs/\(blob.digest)")
    if reply.status == 404 { return false }
    guard reply.status == 200 else { throw UnexpectedReply(reply) }
    guard reply.body == blob.bytes else {
      throw Fault(description: "\(repository): \(reply.body.count) bytes are served as the blob \(blob.digest)")
    }
    return true
  }

  /// An upload is where it was, or further by what was sent and not answered.
  private mutating func checkUpload(_ server: ServerProcess) async throws {
    guard let upload else { return }
    let reply = try await server.send(.GET, upload.location)
    if reply.status == 404, upload.isEnding {
      self.upload = nil
      return
    }
    guard reply.status == 204, let last = reply["Range"]?.split(separator: "-").last.flatMap({ Int($0) }) else {
      throw UnexpectedReply(reply)
    }
    // `0-0` stands for nothing.
    let offset = last == 0 ? 0 : last + 1
    guard (upload.offset...upload.sent).contains(offset) else {
      throw Fault(
        description: "\(upload.location): \(upload.offset) bytes were acknowledged, \(upload.sent) sent, \(offset) kept"
      )
    }
    self.upload!.offset = offset
    self.upload!.sent = offset
    self.upload!.isEnding = false
  }

  /// Checks the tag that all clients push.
  static func checkSharedTag(_ tag: inout SharedTag, on server: ServerProcess) async throws {
    let reply = try await server.send(.GET, "/v2/\(sharedRepository)/manifests/latest")
    guard reply.status == 200 || reply.status == 404 else { throw UnexpectedReply(reply) }
    let digest = reply.status == 200 ? Digest.of(reply.body) : nil
    guard tag.candidates.contains(digest) else {
      throw Fault(
        description:
          "\(sharedRepository):latest names \(digest?.description ?? "nothing"), not one of \(tag.candidates)")
    }
    tag.settle(on: digest)
  }
}

extension Ledger {
  fileprivate var summary: String {
    "images \(images.map { $0.digest.hex.prefix(8) }.sorted()), tags \(tags.mapValues { $0.hex.prefix(8) })"
  }
}
