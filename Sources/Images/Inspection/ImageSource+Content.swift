public import OCI

internal import NIOCore
internal import RegistryClient

extension ImageSource {
  /// All bytes of a small blob, such as a config, verified against the descriptor.
  ///
  /// - Parameter limit: the size from which on it is not read, in bytes.
  /// - Throws: `ImagesError`: `missing`, `mismatch`, or `unsupported` where it is larger than the limit.
  public func content(of descriptor: Descriptor, limit: Int64 = 8 << 20) async throws -> [UInt8] {
    guard descriptor.size <= limit else {
      throw ImagesError(
        .unsupported,
        "\(descriptor.digest) in \(place) has \(descriptor.size) bytes, and at most \(limit) are read here")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(descriptor.size))
    for try await piece in try await blob(descriptor, from: 0) {
      bytes += piece.readableBytesView
      guard bytes.count <= descriptor.size else { break }
    }
    guard bytes.count == descriptor.size,
      Digest.of(bytes, algorithm: descriptor.digest.algorithm) == descriptor.digest
    else {
      throw ImagesError(.mismatch, "\(place) has other bytes than those of \(descriptor.digest)")
    }
    return bytes
  }
}
