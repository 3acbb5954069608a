internal import Locks
internal import NIOCore
internal import NIOHTTP1
public import OCI

extension RemoteRepository {
  /// Looks a blob up.
  ///
  /// - Returns: its size in bytes, or nil where it is not there.
  public func hasBlob(_ digest: Digest) async throws -> Int64? {
    let doing = "show the blob \(digest) of \(name)"
    let size = try await session.perform(
      request(.HEAD, "blobs/\(digest)", .pull, doing: doing), at: host, accepting: [200, 404]
    ) { answer -> Int64?? in
      await answer.discard()
      guard answer.status == 200 else { return .some(nil) }
      return answer.headers.first(name: "Content-Length").flatMap { Int64($0) }.map { .some($0) }
    }
    if let size { return size }
    // Behind some proxies only an answer with a body has a length.
    let range: HTTPHeaders = ["Range": "bytes=0-0"]
    return try await session.perform(
      request(.GET, "blobs/\(digest)", .pull, doing: doing, headers: range), at: host, accepting: [200, 206, 404]
    ) { answer in
      if answer.status == 404 { return nil }
      let whole =
        answer.status == 206
        ? answer.headers.first(name: "Content-Range").flatMap { ContentRange(parsing: $0) }?.size
        : answer.headers.first(name: "Content-Length").flatMap { Int64($0) }
      guard let whole else { throw answer.invalid("it does not say how long the blob is") }
      return whole
    }
  }

  /// Reads a blob; what stops in the middle is asked for again from there.
  ///
  /// The stream throws `RegistryClientError` with `.digestMismatch` in place of its end where the bytes do not have the
  /// digest, which it can tell only where it began at 0, and as soon as there are more of them than the size says. It
  /// is read as fast as who reads it takes the bytes. Streams do not count among the requests whose number is limited:
  /// how many are read at a time is decided by who reads them.
  ///
  /// - Parameters:
  ///   - descriptor: what to read; its size is believed.
  ///   - offset: where to begin, in bytes.
  /// - Throws: `RegistryClientError`, `.notFound` where the blob is not there.
  public func blob(_ descriptor: Descriptor, from offset: Int64 = 0) async throws -> ByteStream {
    precondition(offset >= 0 && offset <= descriptor.size, "an offset lies within the blob")
    // There is no range that holds no bytes.
    let answer =
      offset > 0 && offset == descriptor.size ? nil : try await blobAnswer(descriptor, from: offset, retries: nil)
    let download = BlobDownload(repository: self, descriptor: descriptor, offset: offset, first: Locked(answer))
    return ByteStream(download, verifying: offset == 0 ? descriptor.digest : nil)
  }

  /// Asks for the bytes from an offset on.
  ///
  /// - Returns: an answer that begins at the offset where its status is 206, and at 0 where it is 200.
  func blobAnswer(
    _ descriptor: Descriptor, from offset: Int64, ifTag entityTag: String? = nil, retries: RetryPolicy?
  ) async throws -> Answer {
    var headers = HTTPHeaders()
    if offset > 0 {
      headers.add(name: "Range", value: "bytes=\(offset)-")
      if let entityTag { headers.add(name: "If-Range", value: entityTag) }
    }
    let request = request(
      .GET, "blobs/\(descriptor.digest)", .pull, doing: "give the blob \(descriptor.digest) of \(name)",
      headers: headers, reference: .digest(descriptor.digest))
    return try await session.perform(
      request, at: host, accepting: offset > 0 ? [200, 206] : [200], retries: retries
    ) { answer in
      try Self.verify(answer, descriptor, offset)
      return answer
    }
  }

  private static func verify(_ answer: Answer, _ descriptor: Descriptor, _ offset: Int64) throws {
    if answer.status == 206 {
      guard let range = answer.headers.first(name: "Content-Range").flatMap({ ContentRange(parsing: $0) }),
        range.first == offset, range.size == nil || range.size == descriptor.size
      else { throw answer.invalid("it was asked for the bytes from \(offset) on, and gives others") }
    } else if let length = answer.headers.first(name: "Content-Length").flatMap({ Int64($0) }),
      length != descriptor.size
    {
      throw RegistryClientError(
        .digestMismatch,
        "\(answer.address.origin) has \(length) bytes for \(descriptor.digest), which is "
          + "\(descriptor.size) bytes long", host: answer.address.origin.description, status: answer.status)
    }
  }

  /// Has a blob of another repository of the same registry linked into this one
  /// (OCI distribution spec, "Mounting a blob from another repository").
  ///
  /// - Returns: false where the registry does not do so, and the blob has to be uploaded.
  public func mount(_ digest: Digest, from source: RepositoryName) async throws -> Bool {
    let from = PercentEncoding.encode("\(source)")
    let request = request(
      .POST, "blobs/uploads/?mount=\(digest)&from=\(from)", .repository(["pull", "push"], mountingFrom: source),
      doing: "mount the blob \(digest) of \(source) in \(name)")
    let refusals: Set<Int> = [400, 404, 405]
    let begun = try await session.perform(
      request, at: host, accepting: refusals.union([201, 202])
    ) { answer -> (isMounted: Bool, upload: UploadPlace?) in
      await answer.discard()
      guard answer.status == 202 else { return (answer.status == 201, nil) }
      return (false, try UploadPlace(answer))
    }
    // The registry began an upload instead, which nobody is going to end.
    if let upload = begun.upload { await cancel(upload) }
    return begun.isMounted
  }
}
