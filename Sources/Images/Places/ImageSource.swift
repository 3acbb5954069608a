public import OCI
public import RegistryClient

/// Where images are read from: a registry's repository, a layout, an archive.
public protocol ImageSource: Sendable {
  /// What messages call it, such as `registry.example.org/team/app` or `oci:folder`.
  var place: String { get }

  /// What a name stands for.
  ///
  /// - Parameter name: nil stands for the one image there is; in a registry, for the tag `latest`.
  /// - Returns: nil where there is nothing of that name.
  func resolve(_ name: ImageName?) async throws -> Descriptor?

  /// A manifest, verified against the digest; nil where it is not there.
  func manifest(_ descriptor: Descriptor) async throws -> Manifest?

  /// The bytes of a blob; who keeps them verifies them.
  ///
  /// - Parameter offset: where to begin, at most the blob's size.
  /// - Throws: `ImagesError` of the code `missing` where it is not there.
  func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream

  /// The manifests whose `subject` is the digest, by whichever scheme the place knows
  /// (OCI distribution spec, "Listing Referrers").
  func referrers(of digest: Digest) async throws -> [Descriptor]
}

extension ImageSource {
  /// What a name stands for, which has to be there.
  ///
  /// - Throws: `ImagesError` of the code `missing`.
  public func mustResolve(_ name: ImageName?) async throws -> Descriptor {
    if let descriptor = try await resolve(name) { return descriptor }
    let what = name.map { "nothing called \($0)" } ?? "no image"
    throw ImagesError(.missing, "there is \(what) in \(place); look at its name, and at what the place lists")
  }

  /// A manifest that has to be there.
  ///
  /// - Throws: `ImagesError` of the code `missing`.
  public func mustGet(_ descriptor: Descriptor) async throws -> Manifest {
    if let manifest = try await manifest(descriptor) { return manifest }
    throw ImagesError(.missing, "\(place) has no manifest \(descriptor.digest), though it is referred to there")
  }
}
