internal import NIOCore
internal import OCI

/// The digest of what has been sent so far, some of which may be sent again.
struct RunningHash: Sendable {
  private var hasher: Digest.Hasher
  /// How many bytes are hashed.
  private var count: Int64 = 0

  init(_ algorithm: Digest.Algorithm) {
    hasher = Digest.Hasher(algorithm)
  }

  /// Takes bytes that lie at an offset; those that were taken before are passed over.
  ///
  /// - Returns: false where bytes before the offset are missing, and no digest can be told any more.
  mutating func take(_ buffer: ByteBuffer, at offset: Int64) -> Bool {
    guard offset <= count else { return false }
    var buffer = buffer
    let known = Int(min(count - offset, Int64(buffer.readableBytes)))
    buffer.moveReaderIndex(forwardBy: known)
    buffer.withUnsafeReadableBytes { hasher.update($0) }
    count += Int64(buffer.readableBytes)
    return true
  }

  /// The digest, where exactly so many bytes were taken.
  func digest(of size: Int64) -> Digest? { count == size ? hasher.finalize() : nil }
}
