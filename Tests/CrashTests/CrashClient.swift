import Locks
import NIOHTTP1
import OCI
import TestSupport

/// A client with a repository of its own, which keeps account of what it was answered.
struct CrashClient: Sendable {
  let repository: String
  /// What was acknowledged.
  var known = Ledger()
  /// What `known` would be had the request been carried out whose answer did not come.
  var doubt: Ledger?
  /// Images that were deleted, of the last ones.
  var deletedImages: [Image] = []
  /// Blobs that were deleted and not pushed since, of the last ones.
  var deletedBlobs: [Blob] = []
  /// Blobs that may be there or not, but not in part.
  var uncertainBlobs: [Blob] = []
  /// An upload in progress.
  var upload: OpenUpload?

  let sharedTag: Locked<SharedTag>
  private let number: Int
  private var random: SeededNumbers
  private var names = 0

  static let sharedRepository = "crash/shared"
  static let tags = ["latest", "stable", "1.0", "1.1", "edge"]
  /// How much is remembered of what is not to be there.
  private static let memory = 12

  struct OpenUpload: Sendable {
    let location: String
    let blob: Blob
    /// How many bytes were acknowledged.
    var offset = 0
    /// How many bytes were sent.
    var sent = 0
    var isEnding = false
  }

  init(number: Int, random: SeededNumbers, sharedTag: Locked<SharedTag>) {
    self.number = number
    self.random = random
    self.sharedTag = sharedTag
    repository = "crash/client-\(number)"
  }

  /// Does one thing a client does, at random.
  ///
  /// - Throws: where an answer does not come, and `UnexpectedReply` where it is wrong.
  mutating func step(on server: ServerProcess) async throws {
    if known.images.count > 5 { return try await deleteImage(on: server) }
    switch Int.random(in: 0..<100, using: &random) {
    case ..<35: try await pushImage(on: server)
    case ..<47: try await moveTag(on: server)
    case ..<55: try await deleteTag(on: server)
    case ..<67: try await deleteImage(on: server)
    case ..<77: try await deleteBlob(on: server)
    case ..<90: try await continueUpload(on: server)
    default: try await pushSharedTag(on: server)
    }
  }

  // MARK: Manifests and tags

  private mutating func pushImage(on server: ServerProcess) async throws {
    let image: Image
    if let deleted = deletedImages.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
      image = deleted
    } else {
      let layers = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        Bool.random(using: &random) ? Blob.shared.randomElement(using: &random)! : newBlob()
      }
      image = Image(layers, name: newName())
    }
    try await push(image, tag: Bool.random(using: &random) ? Self.tags.randomElement(using: &random) : nil, on: server)
  }

  private mutating func moveTag(on server: ServerProcess) async throws {
    guard let image = known.ordered.randomElement(using: &random) else { return }
    try await push(image, tag: Self.tags.randomElement(using: &random), on: server)
  }

  /// Pushes the blobs and the manifest, and the blobs again where the collector took one before the manifest came.
  private mutating func push(_ image: Image, tag: String?, on server: ServerProcess) async throws {
    var after = known
    after.push(image, tag: tag)
    var needsBlobs = !known.images.contains(image)
    while true {
      if needsBlobs {
        for blob in image.blobs { try await push(blob, to: repository, on: server) }
      }
      doubt = after
      let reply = try await server.pushManifest(image.bytes, to: repository, as: tag ?? image.digest.description)
      doubt = nil
      if reply.status == 201 { break }
      guard reply.isError(.manifestBlobUnknown), needsBlobs else { throw UnexpectedReply(reply) }
      needsBlobs = true
    }
    known = after
    deletedImages.removeAll { $0 == image }
  }

  private mutating func deleteTag(on server: ServerProcess) async throws {
    guard let tag = known.tags.keys.sorted().randomElement(using: &random) else { return }
    var after = known
    after.tags[tag] = nil
    try await delete("manifests/\(tag)", leaving: after, on: server)
  }

  private mutating func deleteImage(on server: ServerProcess) async throws {
    guard let image = known.ordered.randomElement(using: &random) else { return }
    var after = known
    after.delete(image)
    // Remembered first: whether it went or not is looked up after a kill.
    deletedImages = deletedImages.suffix(Self.memory - 1) + [image]
    try await delete("manifests/\(image.digest)", leaving: after, on: server)
  }

  private mutating func delete(_ path: String, leaving after: Ledger, on server: ServerProcess) async throws {
    doubt = after
    let reply = try await server.send(.DELETE, "/v2/\(repository)/\(path)")
    doubt = nil
    guard reply.status == 202 else { throw UnexpectedReply(reply) }
    known = after
  }

  private mutating func pushSharedTag(on server: ServerProcess) async throws {
    let image = Image([], name: newName())
    while true {
      for blob in image.blobs { try await push(blob, to: Self.sharedRepository, on: server) }
      let push = sharedTag.withLock { $0.begin(image.digest) }
      let reply = try await server.pushManifest(image.bytes, to: Self.sharedRepository, as: "latest")
      sharedTag.withLock { $0.end(push, isAccepted: reply.status == 201) }
      if reply.status == 201 { return }
      guard reply.isError(.manifestBlobUnknown) else { throw UnexpectedReply(reply) }
    }
  }

  // MARK: Blobs

  private mutating func push(_ blob: Blob, to repository: String, on server: ServerProcess) async throws {
    uncertainBlobs.append(blob)
    let reply: Reply
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      reply = try await server.send(.POST, "/v2/\(repository)/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
    case 1:
      let location = try await server.beginUpload(in: repository)
      reply = try await server.send(.PUT, "\(location)?digest=\(blob.digest)", body: blob.bytes)
    case 2:
      let location = try await server.beginUpload(in: repository)
      let streamed = try await server.stream(.PATCH, location, body: blob.bytes)
      guard streamed.status == 202 else { throw UnexpectedReply(streamed) }
      reply = try await server.send(.PUT, "\(location)?digest=\(blob.digest)")
    default:
      let place = "/v2/\(repository)/blobs/uploads/?mount=\(blob.digest)&from=\(Self.sharedRepository)"
      let mounted = try await server.send(.POST, place)
      if mounted.status == 201 { return }
      guard mounted.status == 202, let location = mounted["Location"] else { throw UnexpectedReply(mounted) }
      reply = try await server.send(.PUT, "\(location)?digest=\(blob.digest)", body: blob.bytes)
    }
    guard reply.status == 201 else { throw UnexpectedReply(reply) }
  }

  /// Deletes a blob that nobody needs, which works, or one that a manifest needs, which does not.
  private mutating func deleteBlob(on server: ServerProcess) async throws {
    if let needed = known.ordered.randomElement(using: &random)?.blobs.first, Bool.random(using: &random) {
      let reply = try await server.send(.DELETE, "/v2/\(repository)/blobs/\(needed.digest)")
      guard reply.status == 405 else { throw UnexpectedReply(reply) }
      return
    }
    let blob = newBlob()
    try await push(blob, to: repository, on: server)
    let reply = try await server.send(.DELETE, "/v2/\(repository)/blobs/\(blob.digest)")
    // The collector may have been faster.
    guard reply.status == 202 || reply.status == 404 else { throw UnexpectedReply(reply) }
    deletedBlobs = deletedBlobs.suffix(Self.memory - 1) + [blob]
  }

  /// Goes on with an upload in chunks, which lasts longer than the server does.
  private mutating func continueUpload(on server: ServerProcess) async throws {
    guard var upload else {
      self.upload = OpenUpload(location: try await server.beginUpload(in: repository), blob: newBlob(atLeast: 500))
      return
    }
    let rest = upload.blob.bytes[upload.offset...]
    if !rest.isEmpty {
      let chunk = rest.prefix(Int.random(in: 100...2000, using: &random))
      upload.sent = upload.offset + chunk.count
      self.upload = upload
      let range = "\(upload.offset)-\(upload.sent - 1)"
      let reply = try await server.send(.PATCH, upload.location, ["Content-Range": range], body: Array(chunk))
      guard reply.status == 202 else { throw UnexpectedReply(reply) }
      self.upload!.offset = upload.sent
    } else {
      uncertainBlobs.append(upload.blob)
      self.upload!.isEnding = true
      let reply = try await server.send(.PUT, "\(upload.location)?digest=\(upload.blob.digest)")
      guard reply.status == 201 else { throw UnexpectedReply(reply) }
      self.upload = nil
    }
  }

  private mutating func newName() -> String {
    names += 1
    return "\(number).\(names)"
  }

  private mutating func newBlob(atLeast least: Int = 1) -> Blob {
    let seed = random.next()
    return Blob(Sample.bytes(Int.random(in: least...6000, using: &random), seed: seed))
  }
}
