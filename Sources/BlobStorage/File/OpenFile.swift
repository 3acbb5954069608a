internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import OCI

/// A file that is open for as long as somebody holds this object. Its methods block.
final class OpenFile: Sendable {
  let descriptor: CInt
  private let path: String
  private let folder: DataFolder

  /// Takes over a descriptor; the path is for messages.
  init(descriptor: CInt, path: String, folder: DataFolder) {
    self.descriptor = descriptor
    self.path = path
    self.folder = folder
  }

  deinit {
    // The last close of a file that has no name any more frees its blocks, which takes a while for a large one.
    StorageThreads.files.submit { [descriptor] _ in Glibc.close(descriptor) }
  }

  func status() throws(BlobStoreError) -> FileStatus {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw folder.failure("look at \(path)", errno) }
    return FileStatus(information)
  }

  /// Makes the bytes durable, and of what is known about the file what reading them takes.
  func sync() throws(BlobStoreError) {
    guard retrying({ fdatasync(descriptor) }) == 0 else { throw folder.failure("sync \(path)", errno) }
  }

  /// Has the kernel begin to write bytes to the disk, so that less is left for `sync`.
  func startWriteBack(_ range: Range<Int64>) {
    // Linux begins to write dirty pages that it is told are not needed, and lets them go only once they are clean.
    // It is a hint: what goes wrong with the writing is reported to `sync`, which follows.
    _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
  }

  func truncate(to size: Int64) throws(BlobStoreError) {
    guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
      throw folder.failure("cut \(path) to \(size) bytes", errno)
    }
  }
}

extension OpenFile {
  /// Reads up to as many bytes; fewer only at the end of the file.
  func read(into bytes: UnsafeMutableRawBufferPointer, from offset: Int64) throws(BlobStoreError) -> Int {
    var count = 0
    while count < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
      let read = retrying { pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + count) }
      guard read >= 0 else { throw folder.failure("read \(path)", errno) }
      if read == 0 { break }
      count += read
    }
    return count
  }

  /// Reads up to as many bytes; fewer only at the end of the file.
  func read(from offset: Int64, count: Int) throws(BlobStoreError) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: count)
    try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes throws(BlobStoreError) in
      try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), from: offset)
    }
    return buffer
  }

  /// Writes all bytes of the buffers, one after the other, without copying them.
  func write(_ buffers: [ByteBuffer], at offset: Int64) throws(BlobStoreError) {
    // The array keeps the buffers' storage alive and shared, so that nobody can change it in place while the
    // addresses are in use.
    try withExtendedLifetime(buffers) { () throws(BlobStoreError) in
      var pieces = buffers.map { buffer in
        buffer.withVeryUnsafeBytes { storage in
          iovec(
            iov_base: storage.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + buffer.readerIndex) },
            iov_len: buffer.readableBytes)
        }
      }[...]
      var offset = offset
      while !pieces.isEmpty {
        let written = pieces.prefix(Self.mostPieces).withUnsafeBufferPointer { some in
          retrying { pwritev(descriptor, some.baseAddress, CInt(some.count), off_t(offset)) }
        }
        guard written >= 0 else { throw folder.failure("write to \(path)", errno) }
        offset += Int64(written)
        pieces.dropBytes(written)
      }
    }
  }

  /// IOV_MAX: how many pieces one call takes.
  private static let mostPieces = 1024

  /// Hashes the first bytes of the file.
  func hash(_ algorithm: Digest.Algorithm, count: Int64) throws(BlobStoreError) -> Digest.Hasher {
    var hasher = Digest.Hasher(algorithm)
    try forEachPiece(upTo: count) { bytes, _ in hasher.update(bytes) }
    return hasher
  }

  /// Writes the first bytes of the file to another one.
  func copy(to other: OpenFile, count: Int64) throws(BlobStoreError) {
    try forEachPiece(upTo: count) { (bytes, offset) throws(BlobStoreError) in
      try other.write([ByteBuffer(bytes: bytes)], at: offset)
    }
  }

  /// Reads the first bytes of the file, with the same small memory for any number of them.
  private func forEachPiece(
    upTo end: Int64, _ body: (UnsafeRawBufferPointer, _ offset: Int64) throws(BlobStoreError) -> Void
  ) throws(BlobStoreError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(min(end, 1 << 20)), alignment: 64)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while offset < end {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(end - offset, 1 << 20))))
      let count = try read(into: piece, from: offset)
      guard count == piece.count else {
        throw .system("could not read \(path): it ends at \(offset + Int64(count)), before \(end)")
      }
      try body(UnsafeRawBufferPointer(piece), offset)
      offset += Int64(count)
    }
  }
}

extension ArraySlice<iovec> {
  /// Takes bytes away from the front.
  fileprivate mutating func dropBytes(_ count: Int) {
    var count = count
    while let first, first.iov_len <= count {
      count -= first.iov_len
      removeFirst()
    }
    if count > 0 {
      self[startIndex].iov_base += count
      self[startIndex].iov_len -= count
    }
  }
}
