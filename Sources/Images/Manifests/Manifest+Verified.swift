internal import OCI

extension Manifest {
  /// Reads bytes that have to be those of a descriptor.
  ///
  /// - Parameter place: where they come from, for messages.
  init(verifying bytes: [UInt8], as descriptor: Descriptor, from place: String) throws {
    let digest = Digest.of(bytes, algorithm: descriptor.digest.algorithm)
    guard digest == descriptor.digest else {
      throw ImagesError(
        .mismatch, "\(place) has other bytes than the manifest \(descriptor.digest): their digest is \(digest)")
    }
    do {
      self = try Manifest(parsing: bytes, contentType: descriptor.mediaType)
    } catch {
      throw ImagesError(.malformed, "\(place), manifest \(digest): \(error)")
    }
  }

  /// The largest manifest that is read, in bytes (OCI distribution spec, "Pushing Manifests").
  static let maximumSize = 4 << 20
}
