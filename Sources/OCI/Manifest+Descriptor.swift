extension Manifest {
  /// The digest that registries name the manifest by where nobody asks for another algorithm; it is computed anew each
  /// time.
  public var digest: Digest { Digest.of(bytes) }

  /// What points at the manifest.
  public var descriptor: Descriptor {
    Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
  }
}
