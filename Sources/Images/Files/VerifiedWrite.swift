internal import Locks
internal import NIOCore
internal import OCI
internal import RegistryClient

/// Writes a blob's bytes to a place in a file, and finds out whether they are the blob's.
///
/// Pieces are gathered to a batch, which is hashed and written on a file thread while the next one is gathered.
struct VerifiedWrite {
  private static let batchSize = 256 << 10

  let file: OpenFile
  let offset: Int64
  let blob: Descriptor

  /// Writes all bytes.
  ///
  /// - Throws: `ImagesError` of the code `mismatch` where they are too few, too many or others.
  func run(_ bytes: ByteStream, _ progress: @escaping @Sendable (Int64) -> Void) async throws {
    // What is verified on its way need not be hashed again.
    let hasher = bytes.verifiedDigest == blob.digest ? nil : Locked(Digest.Hasher(blob.digest.algorithm))
    let received = try await withThrowingTaskGroup(of: Void.self) { group in
      var (batch, batchSize, received) = ([ByteBuffer](), 0, Int64(0))
      for try await piece in bytes {
        batch.append(piece)
        batchSize += piece.readableBytes
        guard received + Int64(batchSize) <= blob.size else { throw mismatch("there are more than \(blob.size) bytes") }
        guard batchSize >= Self.batchSize else { continue }
        try await group.waitForAll()
        add(batch, at: received, hasher, progress, to: &group)
        received += Int64(batchSize)
        (batch, batchSize) = ([], 0)
      }
      try await group.waitForAll()
      add(batch, at: received, hasher, progress, to: &group)
      try await group.waitForAll()
      return received + Int64(batchSize)
    }
    guard received == blob.size else { throw mismatch("\(received) bytes came, and not \(blob.size)") }
    let digest = hasher?.withLock { $0.finalize() } ?? blob.digest
    guard digest == blob.digest else { throw mismatch("the digest of what came is \(digest)") }
  }

  /// Hashes and writes a batch; one at a time, so that they are hashed in their order.
  private func add(
    _ batch: [ByteBuffer], at start: Int64, _ hasher: Locked<Digest.Hasher>?,
    _ progress: @escaping @Sendable (Int64) -> Void, to group: inout ThrowingTaskGroup<Void, any Error>
  ) {
    group.addTask {
      let end = try await FileThreads.run {
        var position = start
        for piece in batch {
          try piece.withUnsafeReadableBytes { bytes in
            hasher?.withLock { $0.update(bytes) }
            try file.write(bytes, at: offset + position)
          }
          position += Int64(piece.readableBytes)
        }
        return position
      }
      progress(end)
    }
  }

  private func mismatch(_ reason: String) -> ImagesError {
    ImagesError(.mismatch, "the blob \(blob.digest) came with other bytes than its own: \(reason)")
  }
}
