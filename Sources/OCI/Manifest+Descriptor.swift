extension Manifest {
  /// The digest that registries name the manifest by where nobody asks for another algorithm; it is computed anew each
  /// time.
  public var digest: Digest { Digest.of(bytes) }

  /// What points at the manifest, as a list of referrers shows it: with its artifact's type and its annotations.
  public var descriptor: Descriptor { descriptor(algorithm: .sha256) }

  /// What points at the manifest by the digest of an algorithm.
  public func descriptor(algorithm: Digest.Algorithm) -> Descriptor {
    Descriptor(
      mediaType: mediaType, digest: Digest.of(bytes, algorithm: algorithm), size: Int64(bytes.count),
      artifactType: artifactType, annotations: annotations)
  }
}
