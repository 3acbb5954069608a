public import OCI

/// A blob as the catalogue knows it.
public struct BlobRecord: Hashable, Sendable {
  /// The blob's digest.
  public let digest: Digest
  /// Its size, in bytes.
  public let size: Int64
  /// Whether its bytes are known to be lost.
  public let isMissing: Bool

  /// Makes one of its parts.
  public init(digest: Digest, size: Int64, isMissing: Bool) {
    self.digest = digest
    self.size = size
    self.isMissing = isMissing
  }
}
