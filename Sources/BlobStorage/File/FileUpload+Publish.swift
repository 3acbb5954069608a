internal import Glibc
internal import Locks
internal import NIOPosix
internal import OCI

extension FileUpload {
  func publish(as digest: Digest) async throws(BlobStoreError) -> Int64 {
    try await settle()
    let file = try openFile()
    let (batch, hasher) = state.withLock { ($0.batch, $0.hasher) }
    // All in one job, so that a small upload costs one change of threads.
    let attempt = await StorageThreads.files.run { [id, directory] in
      Publication(id: id, file: file, batch: batch, hasher: hasher, directory: directory).run(as: digest)
    }
    switch attempt.reached {
    case .staging:
      state.withLock { $0.forget(after: batch.start) }
    case .verifying:
      staged(batch, attempt.hasher)
    case .syncing:
      try await distrust(file)
    case .adopting:
      staged(batch, attempt.hasher)
      state.withLock { $0.mayBeShared = true }
    }
    if let failure = attempt.failure { throw failure }
    return batch.end
  }

  /// Goes back to offset 0: a sync that failed may have lost any byte that was not durable yet, and the next one would
  /// not say so (fsync(2)).
  private func distrust(_ file: OpenFile) async throws(BlobStoreError) {
    state.withLock { state in
      state.forget(after: 0)
      state.hasher = Digest.Hasher(.sha256)
    }
    try await makePrivate()
    let own = try openFile()
    try await StorageThreads.files.run { () throws(BlobStoreError) in try own.truncate(to: 0) }
  }

  /// Gives the upload a file of its own where its file is a published blob too: a blob's bytes never change.
  func makePrivate() async throws(BlobStoreError) {
    let (mayBeShared, size) = state.withLock { ($0.mayBeShared, $0.batch.start) }
    guard mayBeShared else { return }
    let file = try openFile()
    let own = try await StorageThreads.files.run { [id, folder] () throws(BlobStoreError) in
      guard try file.status().links > 1 else { return file }
      let copy = BlobPath.copy(id)
      try folder.unlink(copy)
      guard let own = try folder.open(copy, O_RDWR | O_CREAT | O_EXCL) else { throw .system("could not make \(copy)") }
      do throws(BlobStoreError) {
        try file.copy(to: own, count: size)
        try folder.rename(copy, to: BlobPath.upload(id))
      } catch {
        try folder.unlink(copy)
        throw error
      }
      return own
    }
    state.withLock { state in
      state.file = own
      state.mayBeShared = false
    }
  }
}

/// The steps from the bytes taken to a durable blob. They block.
private struct Publication: Sendable {
  /// A step, in the order they are taken.
  enum Step {
    case staging, verifying, syncing, adopting
  }

  /// How far an attempt came, and what ended it where it did not come to its end.
  struct Attempt {
    var reached = Step.staging
    /// The hash of all bytes, where it became known.
    var hasher: Digest.Hasher?
    var failure: BlobStoreError?
  }

  let id: UploadID
  let file: OpenFile
  let batch: UploadBatch
  let hasher: Digest.Hasher?
  let directory: BlobDirectory

  func run(as digest: Digest) -> Attempt {
    var attempt = Attempt()
    do throws(BlobStoreError) {
      try batch.write(to: file)
      attempt.hasher = hasher.map(batch.hashed(after:))
      attempt.reached = .verifying
      try verify(digest, &attempt)
      attempt.reached = .syncing
      try file.sync()
      attempt.reached = .adopting
      try directory.adopt(id, size: batch.end, as: digest)
    } catch {
      attempt.failure = error
    }
    return attempt
  }

  private func verify(_ digest: Digest, _ attempt: inout Attempt) throws(BlobStoreError) {
    let size = try file.status().size
    guard size == batch.end else {
      throw .system("could not publish \(BlobPath.upload(id)): it has \(size) bytes, not the \(batch.end) taken")
    }
    let hasher: Digest.Hasher
    if let known = attempt.hasher, known.algorithm == digest.algorithm {
      hasher = known
    } else {
      hasher = try file.hash(digest.algorithm, count: batch.end)
    }
    if hasher.algorithm == .sha256 { attempt.hasher = hasher }
    let found = hasher.finalize()
    guard found == digest else { throw .digestMismatch(said: digest, found: found) }
  }
}
