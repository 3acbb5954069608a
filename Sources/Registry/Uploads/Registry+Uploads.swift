internal import BlobStorage
internal import Catalog
public import NIOCore
public import OCI

extension Registry {
  /// The bytes of a request, as they come.
  public typealias Body = AsyncSequence<ByteBuffer, any Error> & Sendable

  /// Begins an upload (OCI distribution spec, "Pushing blobs").
  ///
  /// - Throws: `DENIED` where a quota leaves no room at all.
  public func beginUpload(in repository: RepositoryName) async throws(RegistryError) -> UploadID {
    try await reporting {
      let id = UploadID()
      try await catalog.beginUpload(id, in: repository)
      return id
    }
  }

  /// How many bytes an upload holds.
  ///
  /// Whoever asks for an upload takes it over from a request that still works on it: its client may be gone, and the
  /// number would not stand. That one keeps what it has read by then, and fails.
  /// - Throws: `BLOB_UPLOAD_UNKNOWN`.
  public func uploadOffset(_ id: UploadID, in repository: RepositoryName) async throws(RegistryError) -> Int64 {
    try await reporting {
      try await sessions.withUpload(id, in: repository) { upload, _ in
        try await upload.flush()
        return (upload.offset, .keep)
      }
    }
  }

  /// Adds bytes to an upload (OCI distribution spec, "Pushing a blob in chunks").
  ///
  /// What came before the body broke off, or a later request took the upload over, is kept, and the next chunk goes on
  /// behind it.
  /// - Parameters:
  ///   - range: where the client says that the bytes go.
  ///   - length: how many bytes the client says there are.
  /// - Returns: how many bytes the upload holds then.
  /// - Throws: `BLOB_UPLOAD_UNKNOWN`; `RANGE_INVALID` where the chunk does not begin where the upload ends, before the
  ///   body is read; `SIZE_INVALID` where it is longer or shorter than its range, and then none of it is kept; `DENIED`
  ///   where a quota leaves too little room, before the body is read where it says how long it is, and then the upload is
  ///   given up.
  public func appendToUpload(
    _ id: UploadID, in repository: RepositoryName, range: ChunkRange?, length: Int64?, body: some Body
  ) async throws(RegistryError) -> Int64 {
    try await givingUpWithoutRoom(id, in: repository) {
      try await sessions.withUpload(id, in: repository) { upload, turn in
        try Self.require(range, length: length, at: upload.offset)
        var room = UploadRoom(of: repository, sessions.quota(of: id), as: nil, catalog)
        try await room.require(upload.offset + (length ?? 0))
        let mark = range == nil ? nil : try await upload.mark()
        do {
          try await turn.untilItEnds { [room] in try await Self.append(body, to: upload, within: room) }
        } catch {
          try await upload.flush()
          throw error
        }
        if let range, let mark, upload.offset - mark.offset != range.count {
          let count = upload.offset - mark.offset
          try await upload.rewind(to: mark)
          throw Self.wrongSize(said: range.count, found: count)
        }
        try await upload.flush()
        return (upload.offset, .keep)
      }
    }
  }

  /// Ends an upload with its last bytes, if there are any left, and makes it a blob of the repository.
  ///
  /// - Throws: as `appendToUpload`, and `DIGEST_INVALID`; the upload is then what it was before the call.
  public func finishUpload(
    _ id: UploadID, in repository: RepositoryName, as digest: Digest, range: ChunkRange?, length: Int64?,
    body: some Body
  ) async throws(RegistryError) {
    try await givingUpWithoutRoom(id, in: repository) {
      try await sessions.withUpload(id, in: repository) { upload, turn in
        try Self.require(range, length: length, at: upload.offset)
        var room = UploadRoom(of: repository, sessions.quota(of: id), as: digest, catalog)
        try await room.require(upload.offset + (length ?? 0))
        let mark = try await upload.mark()
        do {
          try await turn.untilItEnds { [room] in try await Self.append(body, to: upload, within: room) }
          if let range, upload.offset - mark.offset != range.count {
            throw Self.wrongSize(said: range.count, found: upload.offset - mark.offset)
          }
          try await publish(upload, as: digest, in: repository, ending: id)
        } catch {
          try await upload.rewind(to: mark)
          throw error
        }
        return ((), .end)
      }
      try await blobs.discardUpload(id)
    }
  }

  /// Takes a whole blob in one request (OCI distribution spec, "Single POST").
  ///
  /// - Parameter length: how many bytes the client says there are.
  /// - Throws: `DIGEST_INVALID`; `DENIED` where a quota leaves too little room; nothing is kept then.
  public func pushBlob(
    _ digest: Digest, to repository: RepositoryName, length: Int64?, body: some Body
  ) async throws(RegistryError) {
    try await reporting {
      let quota = try await catalog.tightestQuota(in: repository)
      var room = UploadRoom(of: repository, quota, as: digest, catalog)
      try await room.require(length ?? 0)
      let id = UploadID()
      let upload = try await blobs.upload(id)
      do {
        try await Self.append(body, to: upload, within: room)
        try await publish(upload, as: digest, in: repository, ending: nil)
      } catch {
        await upload.close()
        try await blobs.discardUpload(id)
        throw error
      }
      await upload.close()
      try await blobs.discardUpload(id)
    }
  }

  /// Gives up an upload and its bytes.
  ///
  /// - Throws: `BLOB_UPLOAD_UNKNOWN`.
  public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws(RegistryError) {
    try await cancelUpload(id, in: repository, .takesOver)
  }

  func cancelUpload(
    _ id: UploadID, in repository: RepositoryName, _ precedence: UploadSessions.Precedence
  ) async throws(RegistryError) {
    try await reporting {
      try await sessions.withUpload(id, in: repository, precedence) { _, _ in
        try await catalog.endUpload(id, in: repository)
        try await blobs.discardUpload(id)
        return ((), .end)
      }
    }
  }

  /// Links a blob of another repository (OCI distribution spec, "Mounting a blob from another repository").
  ///
  /// - Parameter source: where the blob is; nil stands for any repository that the caller may read.
  /// - Returns: whether there was such a blob.
  public func mountBlob(
    _ digest: Digest, from source: RepositoryName?, to repository: RepositoryName
  ) async throws(RegistryError) -> Bool {
    try await reporting {
      try await catalog.mountBlob(digest, from: source, to: repository) != nil
    }
  }

  /// Carries out `body`, and gives the upload up where a quota leaves too little room for it: what is staged would take
  /// room for which nobody answers.
  private func givingUpWithoutRoom<Success>(
    _ id: UploadID, in repository: RepositoryName, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Success
  ) async throws(RegistryError) -> Success {
    do {
      return try await reporting(body)
    } catch {
      guard error.isForQuota else { throw error }
      do {
        try await cancelUpload(id, in: repository, .yields)
      } catch let failure where failure != UploadSessions.busy && failure.code != .blobUploadUnknown {
        throw failure
      } catch {
        // Another request works on the upload, and is refused in its turn, or has given it up.
      }
      throw error
    }
  }

  private static func require(_ range: ChunkRange?, length: Int64?, at offset: Int64) throws {
    guard let range else { return }
    guard range.first == offset else {
      throw RegistryError(
        .rangeInvalid, "the chunk begins at \(range.first), and the upload goes on at \(offset)",
        detail: ["offset": String(offset)])
    }
    if let length, length != range.count { throw wrongSize(said: range.count, found: length) }
  }

  private static func wrongSize(said: Int64, found: Int64) -> RegistryError {
    RegistryError(.sizeInvalid, "the Content-Range holds \(said) bytes, and the body \(found)")
  }

  private static func append(
    _ body: some Body, to upload: any BlobUpload, within room: UploadRoom
  ) async throws {
    var room = room
    for try await bytes in body {
      try await room.require(upload.offset + Int64(bytes.readableBytes))
      try await upload.append(bytes)
    }
    // Some sequences end where the task is cancelled, and not by an error.
    try Task.checkCancellation()
  }

  /// Makes the bytes a blob, and the blob the repository's.
  ///
  /// The catalogue refuses while the collector removes an earlier copy; that takes it milliseconds, and then the staged
  /// bytes are published anew.
  func publish(
    _ upload: any BlobUpload, as digest: Digest, in repository: RepositoryName, ending id: UploadID?
  ) async throws {
    while true {
      let outcome = try await gate.publishing(digest) { () async throws -> LinkOutcome in
        let size = try await upload.publish(as: digest)
        do {
          return try await catalog.linkBlob(digest, size: size, to: repository, ending: id)
        } catch CatalogError.overQuota(let refusal) {
          // The staged bytes, by which the collector would find the blob, are discarded.
          try await catalog.adoptBlob(digest, size: size)
          throw refusal
        }
      }
      if outcome == .linked { return }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
