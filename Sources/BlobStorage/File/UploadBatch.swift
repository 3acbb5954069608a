internal import NIOCore
internal import OCI

/// Bytes that were taken and are not in the upload's file yet.
struct UploadBatch: Sendable {
  /// The size at which a batch is worth the work of two threads.
  static let fullSize = 1 << 20

  /// Buffers smaller than this are copied together: many of them would cost more than their bytes, and a slice of a
  /// few bytes may hold on to a large buffer.
  private static let smallSize = 8 << 10

  /// Where in the upload it begins.
  let start: Int64
  private(set) var buffers: [ByteBuffer] = []
  private(set) var count = 0
  private var lastIsOwn = false

  init(start: Int64) {
    self.start = start
  }

  var end: Int64 { start + Int64(count) }
  var isFull: Bool { count >= Self.fullSize }

  mutating func append(_ bytes: ByteBuffer) {
    count += bytes.readableBytes
    guard bytes.readableBytes < Self.smallSize else {
      buffers.append(bytes)
      lastIsOwn = false
      return
    }
    if !lastIsOwn {
      buffers.append(ByteBuffer())
      lastIsOwn = true
    }
    buffers[buffers.count - 1].writeImmutableBuffer(bytes)
  }

  /// Writes the bytes to their place in a file; where that fails, cuts the file back to where the batch begins.
  func write(to file: OpenFile) throws(BlobStoreError) {
    do throws(BlobStoreError) {
      try file.write(buffers, at: start)
    } catch {
      try file.truncate(to: start)
      throw error
    }
  }

  /// The hasher after these bytes.
  func hashed(after hasher: Digest.Hasher) -> Digest.Hasher {
    var hasher = hasher
    for buffer in buffers {
      buffer.withUnsafeReadableBytes { hasher.update($0) }
    }
    return hasher
  }
}
