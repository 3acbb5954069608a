internal import Locks
internal import NIOCore
internal import NIOPosix
internal import OCI

/// An upload whose bytes are staged in a file.
///
/// Bytes are collected to batches; while one batch is hashed and written, on two threads, the next is collected, and
/// there are never more than those two in memory. A failure to write shows in one of the calls that follow; the upload
/// then stands where the bytes that failed begin, and can go on from there.
final class FileUpload: BlobUpload {
  struct State {
    /// The bytes taken that no thread works on yet; the upload ends where it ends.
    var batch: UploadBatch
    /// The batch before that, while two threads work on it.
    var inFlight: BatchInFlight?
    /// The hash of all bytes before both, or nil where it has to be made of the bytes in the file first.
    var hasher: Digest.Hasher?
    /// Whether the file may be a published blob as well, so that no byte of it may change.
    var mayBeShared: Bool
    /// The offset up to which the kernel was told to begin to write the file to the disk.
    var writtenBack: Int64
    var file: OpenFile?
  }

  /// How many bytes the kernel is told to begin to write at a time: the final sync finds only the last few left.
  private static let writeBackSize: Int64 = 8 << 20

  let id: UploadID
  let folder: DataFolder
  let directory: BlobDirectory
  let state: Locked<State>

  /// Takes over the upload's file, as it is.
  init(_ id: UploadID, file: OpenFile, folder: DataFolder, directory: BlobDirectory) throws(BlobStoreError) {
    self.id = id
    self.folder = folder
    self.directory = directory
    let status = try file.status()
    state = Locked(
      State(
        batch: UploadBatch(start: status.size), hasher: status.size == 0 ? Digest.Hasher(.sha256) : nil,
        mayBeShared: status.links > 1, writtenBack: status.size, file: file))
  }

  var offset: Int64 { state.withLock { $0.batch.end } }

  func append(_ bytes: ByteBuffer) async throws(BlobStoreError) {
    if state.withLock({ $0.hasher == nil || $0.mayBeShared }) {
      _ = try await hasher()
      try await makePrivate()
    }
    let isFull = state.withLock { state in
      state.batch.append(bytes)
      return state.batch.isFull
    }
    guard isFull else { return }
    try await settle()
    try await launch()
  }

  /// Has two threads begin with the batch collected; none may be in flight.
  private func launch() async throws(BlobStoreError) {
    let file = try openFile()
    let hasher = try await hasher()
    let writeBack = state.withLock { state in
      let batch = state.batch
      state.inFlight = BatchInFlight(batch, hasher: hasher, file: file)
      state.batch = UploadBatch(start: batch.end)
      return state.takeWriteBack(upTo: batch.start, ifAtLeast: Self.writeBackSize)
    }
    guard let writeBack else { return }
    // On a thread of its own, for the call may wait for a busy disk.
    StorageThreads.files.submit { _ in file.startWriteBack(writeBack) }
  }

  /// Waits for the batch in flight.
  func settle() async throws(BlobStoreError) {
    guard let inFlight = state.withLock({ $0.inFlight }) else { return }
    let outcome = await inFlight.outcome()
    try state.withLock { state throws(BlobStoreError) in
      state.inFlight = nil
      switch outcome {
      case .success(let hasher):
        state.hasher = hasher
      case .failure(let error):
        state.forget(after: inFlight.start)
        throw error
      }
    }
  }

  func flush() async throws(BlobStoreError) {
    try await settle()
    guard state.withLock({ $0.batch.count > 0 }) else { return }
    let file = try openFile()
    let hasher = try await hasher()
    let batch = state.withLock { $0.batch }
    do throws(BlobStoreError) {
      let hasher = try await StorageThreads.files.run { () throws(BlobStoreError) in
        try batch.write(to: file)
        return batch.hashed(after: hasher)
      }
      staged(batch, hasher)
    } catch {
      state.withLock { $0.forget(after: batch.start) }
      throw error
    }
  }

  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer {
    let file = try openFile()
    let end = state.withLock { $0.inFlight?.start ?? $0.batch.start }
    let wanted = Int(max(0, min(Int64(count), end - offset)))
    return try await StorageThreads.files.run { () throws(BlobStoreError) in
      try file.read(from: offset, count: wanted)
    }
  }

  /// Notes that all bytes are in the file, and their hash.
  func staged(_ batch: UploadBatch, _ hasher: Digest.Hasher?) {
    state.withLock { state in
      state.batch = UploadBatch(start: batch.end)
      state.hasher = hasher
    }
  }

  func mark() async throws(BlobStoreError) -> UploadMark {
    try await flush()
    return UploadMark(offset: offset, hasher: try await hasher())
  }

  func rewind(to mark: UploadMark) async throws(BlobStoreError) {
    // Whatever comes of the bytes on their way, they are forgotten with the rest.
    if let inFlight = state.withLock({ $0.inFlight.take() }) { _ = await inFlight.outcome() }
    state.withLock { state in
      state.forget(after: mark.offset)
      state.hasher = mark.hasher
    }
    try await makePrivate()
    let file = try openFile()
    try await StorageThreads.files.run { () throws(BlobStoreError) in try file.truncate(to: mark.offset) }
  }

  func digest(_ algorithm: Digest.Algorithm) async throws(BlobStoreError) -> Digest {
    try await flush()
    let hasher = try await hasher()
    if hasher.algorithm == algorithm { return hasher.finalize() }
    let (file, size) = (try openFile(), offset)
    return try await StorageThreads.files.run { () throws(BlobStoreError) in
      try file.hash(algorithm, count: size).finalize()
    }
  }

  func close() async {
    // The bytes that were not flushed may be lost, be it because the object is let go of or because they failed.
    if let inFlight = state.withLock({ $0.inFlight.take() }) { _ = await inFlight.outcome() }
    state.withLock { $0.file = nil }
  }

  /// The upload's file, until it is closed.
  func openFile() throws(BlobStoreError) -> OpenFile {
    guard let file = state.withLock({ $0.file }) else {
      throw .system("could not use the upload \(id): it was closed")
    }
    return file
  }

  /// The hash of the bytes before the batch, made of the file where it is not known; none may be in flight.
  private func hasher() async throws(BlobStoreError) -> Digest.Hasher {
    let (known, size) = state.withLock { ($0.hasher, $0.batch.start) }
    if let known { return known }
    let file = try openFile()
    let hasher = try await StorageThreads.files.run { () throws(BlobStoreError) in
      try file.hash(.sha256, count: size)
    }
    state.withLock { $0.hasher = hasher }
    return hasher
  }
}

extension FileUpload.State {
  /// Drops all bytes from an offset on, which is one that the file has reached.
  mutating func forget(after offset: Int64) {
    batch = UploadBatch(start: offset)
    writtenBack = min(writtenBack, offset)
  }

  /// Takes the bytes of the file before an offset whose writing the kernel was not told to begin, where they are so
  /// many.
  mutating func takeWriteBack(upTo offset: Int64, ifAtLeast size: Int64) -> Range<Int64>? {
    guard offset - writtenBack >= size else { return nil }
    defer { writtenBack = offset }
    return writtenBack..<offset
  }
}
