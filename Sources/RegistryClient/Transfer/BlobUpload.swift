internal import Locks
internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// The upload of one blob, from the first request to the registry's word that it has the blob.
struct BlobUpload: Sendable {
  /// Blobs up to this size, in bytes, are read first and sent in one piece.
  static let smallSize: Int64 = 1 << 20
  /// The smallest chunks that are tried where larger ones are refused, in bytes: what proxies take that nobody has
  /// told how large the bodies of registries are.
  private static let smallestChunk: Int64 = 1 << 20

  let repository: RemoteRepository
  let descriptor: Descriptor
  let source: @Sendable (Int64) async throws -> ByteStream
  let progress: @Sendable (Int64) -> Void

  private var session: Session { repository.session }
  private var policy: RetryPolicy { session.configuration.retries }

  /// What the source failed with, which is not the registry's fault.
  private struct SourceFailure: Error {
    let cause: any Error
  }

  // MARK: In one piece

  /// Reads the blob whole, verifies it, and sends it in one request
  /// (OCI distribution spec, "Pushing a blob monolithically").
  func runInOnePiece() async throws {
    let bytes = try await collect()
    var attempt = 1
    while true {
      let place = try await begin()
      do {
        try await commit(place, body: .bytes(bytes))
        progress(descriptor.size)
        return
      } catch let error as RegistryClientError where Self.mayPass(error) || error.code == .digestMismatch {
        guard try await session.pause(after: attempt, of: policy, retryAfter: error.retryAfter) else { throw error }
        attempt += 1
        // It may be there, and only the answer that says so was lost.
        guard error.status == nil, try await repository.hasBlob(descriptor.digest) == descriptor.size else { continue }
        progress(descriptor.size)
        return
      }
    }
  }

  private func collect() async throws -> ByteBuffer {
    let stream = try await source(0)
    var bytes = ByteBuffer()
    bytes.reserveCapacity(Int(descriptor.size))
    for try await buffer in stream {
      guard bytes.readableBytes + buffer.readableBytes <= descriptor.size else { throw wrongSize("more") }
      bytes.writeImmutableBuffer(buffer)
    }
    guard bytes.readableBytes == descriptor.size else { throw wrongSize("fewer") }
    if stream.verifiedDigest != descriptor.digest {
      var hasher = Digest.Hasher(descriptor.digest.algorithm)
      bytes.withUnsafeReadableBytes { hasher.update($0) }
      try verify(hasher.finalize())
    }
    return bytes
  }

  // MARK: As a stream

  /// Sends the blob as it is read, and goes on from where the registry got to when a request fails
  /// (OCI distribution spec, "Pushing a blob in chunks"). All that is left goes in one chunk, so that no chunk but the
  /// last can be shorter than a registry wants (`OCI-Chunk-Min-Length`); where that is more than is taken in one
  /// request (413), chunks become half as large.
  func run(_ entry: UploadJournal.Entry?) async throws {
    let hash = Locked<RunningHash?>(RunningHash(descriptor.digest.algorithm))
    var place = try await continued(entry)
    // Bytes that another process sent are verified by the registry alone.
    if let place, place.offset > 0 { hash.withLock { $0 = nil } }
    var furthest = place?.offset ?? 0
    var (attempts, beginnings) = (0, 0)
    var largestChunk = descriptor.size
    while true {
      do {
        let current: UploadPlace
        if let place { current = place } else { current = try await begin() }
        place = current
        await entry?.record(current.address)
        if current.offset < descriptor.size {
          let reached = try await send(from: current, inChunksOf: largestChunk, hash)
          place = reached
          guard reached.offset > furthest else { throw stalled(at: reached) }
          (furthest, attempts) = (reached.offset, 0)
        } else {
          try await commit(current, body: .none)
          await entry?.remove()
          return
        }
      } catch let failure as SourceFailure {
        try await give(up: place, entry, because: failure.cause)
      } catch let error as RegistryClientError where error.status == 413 {
        guard let refused = place, largestChunk > Self.smallestChunk else { throw error }
        place = try await status(of: refused.address)
        let left = descriptor.size - (place?.offset ?? 0)
        largestChunk = max(Self.smallestChunk, min(largestChunk, left) / 2)
        progress(place?.offset ?? 0)
      } catch let error as RegistryClientError where Self.mayPass(error) {
        // What cannot be begun was tried as often as the policy has it.
        guard let failed = place else { throw error }
        attempts += 1
        guard try await session.pause(after: attempts, of: policy, retryAfter: error.retryAfter) else { throw error }
        // A commit may have been carried out whose answer got lost.
        if failed.offset == descriptor.size, try await repository.hasBlob(descriptor.digest) == descriptor.size {
          await entry?.remove()
          return
        }
        place = try await status(of: failed.address)
        if let place, place.offset > furthest {
          (furthest, attempts) = (place.offset, 0)
        } else if place == nil {
          beginnings += 1
          guard beginnings < policy.attempts else { throw error }
          (furthest, attempts) = (0, 0)
        }
        progress(place?.offset ?? 0)
      } catch let error as RegistryClientError where error.code == .digestMismatch {
        try await give(up: place, entry, because: error)
      }
    }
  }

  /// Ends an upload that cannot succeed: where the bytes are wrong the registry must not keep them, and otherwise they
  /// wait for the next attempt.
  private func give(up place: UploadPlace?, _ entry: UploadJournal.Entry?, because error: any Error) async throws {
    if let error = error as? RegistryClientError, error.code == .digestMismatch {
      if let place { await repository.cancel(place) }
      await entry?.remove()
    }
    throw error
  }

  /// Whether an upload may go on behind an error: what passes, and what says that the registry's idea of the upload is
  /// another.
  private static func mayPass(_ error: RegistryClientError) -> Bool {
    error.isTransient || error.status == 404 || error.status == 409 || error.status == 416
  }

  /// The upload that the journal knows, where the registry still does.
  private func continued(_ entry: UploadJournal.Entry?) async throws -> UploadPlace? {
    guard let address = await entry?.place() else { return nil }
    do {
      let place = try await status(of: address)
      if let place { progress(place.offset) }
      return place
    } catch is RegistryClientError {
      // Whatever keeps the registry from going on, it is asked to begin anew, and says what is wrong with that.
      return nil
    }
  }

  private func begin() async throws -> UploadPlace {
    let request = repository.request(
      .POST, "blobs/uploads/", .push, doing: "begin an upload to \(repository.name)", headers: ["Content-Length": "0"])
    return try await session.perform(request, at: repository.host, accepting: [202]) { answer in
      await answer.discard()
      let place = try UploadPlace(answer)
      guard place.offset == 0 else { throw answer.invalid("an upload that has just begun holds bytes") }
      return place
    }
  }

  /// Asks how much is there; nil where the registry does not know the upload any more.
  private func status(of address: WebAddress) async throws -> UploadPlace? {
    let request = request(.GET, address, doing: "say how far an upload to \(repository.name) has come")
    return try await session.perform(request, at: repository.host, accepting: [200, 202, 204, 400, 404]) { answer in
      await answer.discard()
      guard (200..<300).contains(answer.status) else { return nil }
      let place =
        answer.headers.contains(name: "Location") ? try UploadPlace(answer) : try UploadPlace(answer, at: address)
      // An upload with more bytes than the blob is none of it.
      return place.offset <= descriptor.size ? place : nil
    }
  }

  /// Sends what is left, read once, in as many chunks as it takes.
  ///
  /// - Returns: where the registry got to, which is not the end where it did not take a chunk whole.
  /// - Throws: `SourceFailure` where the source failed, or gave other bytes than it should.
  private func send(
    from place: UploadPlace, inChunksOf length: Int64, _ hash: Locked<RunningHash?>
  ) async throws -> UploadPlace {
    let stream: ByteStream
    do {
      stream = try await source(place.offset)
    } catch {
      throw SourceFailure(cause: error)
    }
    // The stream verifies the whole, or else it is hashed here.
    if place.offset == 0 {
      let isVerified = stream.verifiedDigest == descriptor.digest
      hash.withLock { $0 = isVerified ? nil : $0 ?? RunningHash(descriptor.digest.algorithm) }
    }
    let pipe = BufferPipe()
    defer { pipe.end(.failure(CancellationError())) }
    return try await withThrowingTaskGroup(of: UploadPlace?.self) { group in
      group.addTask {
        do {
          try await pump(stream, from: place.offset, to: pipe, hash)
          pipe.end(.success(()))
          return nil
        } catch {
          pipe.end(.failure(error))
          throw error
        }
      }
      group.addTask {
        var reached = place
        while reached.offset < descriptor.size {
          let part = BufferPipe.Part(pipe: pipe, length: min(length, descriptor.size - reached.offset))
          let end = reached.offset + part.length
          reached = try await chunk(part, at: reached)
          guard reached.offset == end else { break }
        }
        return reached
      }
      defer { group.cancelAll() }
      var answered: UploadPlace?
      // Where all is sent, the source still has to say that it was right: what is wrong must not be committed.
      while let reached = try await group.next() {
        answered = reached ?? answered
        if let answered, answered.offset < descriptor.size { break }
      }
      guard let answered else { preconditionFailure("a chunk is answered, or its request fails") }
      return answered
    }
  }

  private func pump(
    _ stream: ByteStream, from offset: Int64, to pipe: BufferPipe, _ hash: Locked<RunningHash?>
  ) async throws {
    var position = offset
    var iterator = stream.makeAsyncIterator()
    while let buffer = try await Self.next(&iterator) {
      let count = Int64(buffer.readableBytes)
      guard position + count <= descriptor.size else { throw SourceFailure(cause: wrongSize("more")) }
      hash.withLock { hash in
        if hash?.take(buffer, at: position) == false { hash = nil }
      }
      position += count
      if count > 0 { try await pipe.write(buffer) }
      progress(position)
    }
    guard position == descriptor.size else { throw SourceFailure(cause: wrongSize("fewer")) }
    if let digest = hash.withLock({ $0?.digest(of: position) }) {
      do {
        try verify(digest)
      } catch {
        throw SourceFailure(cause: error)
      }
    }
  }

  private static func next(_ iterator: inout ByteStream.AsyncIterator) async throws -> ByteBuffer? {
    do {
      return try await iterator.next()
    } catch {
      throw SourceFailure(cause: error)
    }
  }

  private func chunk(_ part: BufferPipe.Part, at place: UploadPlace) async throws -> UploadPlace {
    var request = request(.PATCH, place.address, doing: "take the blob \(descriptor.digest) for \(repository.name)")
    request.headers.add(name: "Content-Type", value: "application/octet-stream")
    request.headers.add(name: "Content-Range", value: "\(place.offset)-\(place.offset + part.length - 1)")
    request.body = .stream(part)
    return try await session.perform(
      request, at: place.endpoint, of: repository.host, accepting: [200, 201, 202, 204]
    ) { answer in
      await answer.discard()
      let reached = try UploadPlace(answer, behind: place, sending: part.length)
      guard reached.offset <= descriptor.size else { throw answer.invalid("it took more bytes than were sent") }
      return reached
    }
  }

  /// Ends the upload: the registry verifies the digest.
  private func commit(_ place: UploadPlace, body: RegistryRequest.Body) async throws {
    guard let address = place.address.adding("digest", "\(descriptor.digest)") else {
      throw RegistryClientError(
        .invalidAnswer, "\(repository.host) gave an upload's place that is too long", host: repository.host.description)
    }
    var request = request(.PUT, address, doing: "take the blob \(descriptor.digest) for \(repository.name)")
    request.body = body
    if case .none = body { request.headers.add(name: "Content-Length", value: "0") }
    request.headers.add(name: "Content-Type", value: "application/octet-stream")
    try await session.perform(
      request, at: place.endpoint, of: repository.host, accepting: [200, 201, 204], retries: .once
    ) { answer in
      await answer.discard()
      if let digest = try answer.contentDigest(), digest.algorithm == descriptor.digest.algorithm {
        guard digest == descriptor.digest else {
          throw RegistryClientError(
            .digestMismatch, "\(answer.address.origin) stored \(digest) where \(descriptor.digest) was uploaded",
            host: answer.address.origin.description, status: answer.status)
        }
      }
    }
  }

  private func request(_ method: HTTPMethod, _ address: WebAddress, doing: String) -> RegistryRequest {
    RegistryRequest(
      method: method, target: .address(address), repository: repository.name, access: .push, doing: doing)
  }

  // MARK: Errors

  private func verify(_ digest: Digest) throws {
    guard digest == descriptor.digest else {
      throw mismatch("its bytes are \(digest)")
    }
  }

  private func wrongSize(_ which: String) -> RegistryClientError {
    mismatch("there are \(which) than \(descriptor.size) bytes")
  }

  private func mismatch(_ reason: String) -> RegistryClientError {
    RegistryClientError(
      .digestMismatch,
      "the blob \(descriptor.digest) was not uploaded to \(repository.host)/\(repository.name): \(reason)",
      host: repository.host.description)
  }

  private func stalled(at place: UploadPlace) -> RegistryClientError {
    RegistryClientError(
      .unavailable, "\(place.endpoint.host) answered a chunk of \(descriptor.digest) and took none of its bytes",
      host: place.endpoint.host)
  }
}
