public import BlobStorage
internal import Catalog
internal import Locks
internal import NIOCore
public import OCI

extension MirroredRegistry {
  /// The size of a blob, in bytes (OCI distribution spec, "Checking if content exists in the registry").
  ///
  /// Of a blob that a mirrored manifest names, the manifest says it, and nothing is fetched.
  /// - Throws: `BLOB_UNKNOWN`; `UNAVAILABLE` and `TOOMANYREQUESTS` where only the upstream could tell, and fails.
  public func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(RegistryError) -> Int64 {
    guard let source = source(of: repository) else { return try await registry.blobSize(digest, in: repository) }
    do throws(RegistryError) {
      return try await registry.blobSize(digest, in: repository)
    } catch {
      guard error.code == .blobUnknown else { throw error }
    }
    let wanted = try await reporting { try await registry.catalog.wantedBlob(digest, in: repository) }
    if let wanted, source.upstream.mirrors(source.remote) { return wanted }
    do {
      return try await remoteSize(of: digest, source)
    } catch {
      throw error.told(about: digest, source)
    }
  }

  /// Opens a blob for reading; the caller closes it.
  ///
  /// A blob that is not here is fetched, once for all who ask for it at the same time; it can be read while it comes, but
  /// for its last byte, which can be read once all bytes are known to be what the digest says.
  /// - Throws: as `blobSize`.
  public func blob(_ digest: Digest, in repository: RepositoryName) async throws(RegistryError) -> any StoredBlob {
    guard let source = source(of: repository) else { return try await registry.blob(digest, in: repository) }
    do throws(RegistryError) {
      let blob = try await registry.blob(digest, in: repository)
      count(source) { $0.hits += 1 }
      return blob
    } catch {
      guard error.code == .blobUnknown else { throw error }
    }
    let key = Key(repository: repository, asked: .blob(digest))
    let fetch = fetches.join(key) { fetch in await self.fetch(digest, source, into: fetch) }
    do {
      return ArrivingBlob(fetch, size: try await fetch.begun(), fetches: fetches)
    } catch {
      await fetches.leave(fetch)
      throw error.told(about: digest, source)
    }
  }

  /// Fetches a blob and makes it the repository's.
  private func fetch(_ digest: Digest, _ source: MirroredRepository, into fetch: BlobFetch) async {
    do throws(BlobFetchFailure) {
      let known = try await local { try await registry.catalog.wantedBlob(digest, in: source.local) }
      if let other = try await local({ try await registry.catalog.mirroredBlob(digest, from: source.upstream.host) }) {
        // That another repository has it shows nothing about this one, until the upstream says that it has it, too.
        _ = try await remoteSize(of: digest, source)
        let size = try await local { try await registry.catalog.mountBlob(digest, from: other, to: source.local) }
        if size != nil, let blob = try await local({ try await registry.blobs.open(digest) }) {
          count(source) { $0.hits += 1 }
          return await fetch.finish(with: blob)
        }
      }
      let size: Int64
      if let known { size = known } else { size = try await remoteSize(of: digest, source) }
      count(source) { $0.misses += 1 }
      try await transfer(digest, size: size, source, into: fetch)
    } catch {
      fetch.fail(error)
    }
  }

  /// The size of a blob at the upstream, asked for by `HEAD`.
  private func remoteSize(
    of digest: Digest, _ source: MirroredRepository
  ) async throws(BlobFetchFailure) -> Int64 {
    let key = Key(repository: source.local, asked: .blob(digest))
    guard !isAbsent(key) else { throw .absent }
    let size = try await upstream(key, source) { () throws(UpstreamFailure) in
      try await ask(source) { upstream, name throws(UpstreamFailure) in
        try await upstream.blobSize(digest, in: name)
      }
    }
    guard let size else {
      noteAbsent(key)
      throw .absent
    }
    return size
  }

  private func transfer(
    _ digest: Digest, size: Int64, _ source: MirroredRepository, into fetch: BlobFetch
  ) async throws(BlobFetchFailure) {
    let key = Key(repository: source.local, asked: .blob(digest))
    guard !isAbsent(key) else { throw .absent }
    let bytes = try await upstream(key, source) { () throws(UpstreamFailure) in
      try await ask(source) { upstream, name throws(UpstreamFailure) in
        try await upstream.blob(digest, size: size, in: name)
      }
    }
    guard let bytes else {
      noteAbsent(key)
      throw .absent
    }
    let id = UploadID()
    let upload = try await local { try await registry.blobs.upload(id) }
    do throws(BlobFetchFailure) {
      try await take(bytes, size: size, source, into: upload, of: fetch)
      try await publish(upload, as: digest, source)
      let blob = try await local { try await registry.blobs.open(digest) }
      guard let blob else { throw .local(Registry.blobUnknown(digest, source.local)) }
      await fetch.finish(with: blob)
    } catch {
      fetch.fail(error)
    }
    await upload.close()
    try await local { try await registry.blobs.discardUpload(id) }
  }

  private func take(
    _ bytes: any AsyncSequence<ByteBuffer, any Error> & Sendable, size: Int64, _ source: MirroredRepository,
    into upload: any BlobUpload, of fetch: BlobFetch
  ) async throws(BlobFetchFailure) {
    fetch.begin(upload, size: size)
    do {
      for try await piece in bytes {
        try Task.checkCancellation()
        count(source) { $0.bytes += Int64(piece.readableBytes) }
        guard upload.offset + Int64(piece.readableBytes) <= size else {
          throw UpstreamFailure(.wrong, "\(source.upstream.host) sends more than the \(size) bytes of the blob")
        }
        try await upload.append(piece)
        guard fetch.isWorthFlushing(upload.offset) else { continue }
        try await upload.flush()
        fetch.advance(to: upload.offset)
      }
      guard upload.offset == size else {
        throw UpstreamFailure(
          .unavailable, "\(source.upstream.host) broke off at byte \(upload.offset) of \(size)")
      }
    } catch let error as BlobStoreError {
      throw .local(RegistryError(error))
    } catch is CancellationError {
      throw .abandoned
    } catch {
      let failure = error as? UpstreamFailure ?? UpstreamFailure(.unavailable, "\(error)")
      note(failure, of: source.upstream.host)
      throw .upstream(failure)
    }
  }

  private func publish(
    _ upload: any BlobUpload, as digest: Digest, _ source: MirroredRepository
  ) async throws(BlobFetchFailure) {
    do {
      try await registry.publish(upload, as: digest, in: source.local, ending: nil)
    } catch BlobStoreError.digestMismatch(_, let found) {
      let failure = UpstreamFailure(
        .wrong, "\(source.upstream.host) answers \(digest) with bytes whose digest is \(found)")
      note(failure, of: source.upstream.host)
      throw .upstream(failure)
    } catch {
      throw .local((error as? BlobStoreError).map { RegistryError($0) } ?? RegistryError(.unknown, "\(error)"))
    }
  }

  /// Carries out what the upstream may fail at.
  private func upstream<Success>(
    _ key: Key, _ source: MirroredRepository, _ body: () async throws(UpstreamFailure) -> Success
  ) async throws(BlobFetchFailure) -> Success {
    do {
      return try await body()
    } catch {
      note(error, for: key, source)
      throw .upstream(error)
    }
  }

  /// Carries out what this registry may fail at.
  private func local<Success>(_ body: () async throws -> Success) async throws(BlobFetchFailure) -> Success {
    do {
      return try await reporting(body)
    } catch {
      throw .local(error)
    }
  }
}

/// Why a blob was not fetched.
enum BlobFetchFailure: Error, Sendable {
  /// The upstream does not have it.
  case absent
  case upstream(UpstreamFailure)
  /// It could not be stored here.
  case local(RegistryError)
  /// Nobody waited for it any more, or the server stops.
  case abandoned

  /// What a client is told.
  func told(about digest: Digest, _ source: MirroredRepository) -> RegistryError {
    switch self {
    case .absent: .unknown(.blob(digest), source)
    case .upstream(let failure): RegistryError(failure, source, .blob(digest))
    case .local(let error): error
    case .abandoned: RegistryError(.unavailable, "the fetch of \(digest) was given up; ask again")
    }
  }
}
