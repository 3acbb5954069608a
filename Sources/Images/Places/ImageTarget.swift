public import OCI
public import RegistryClient

/// Where images are written to: a registry's repository, a layout, an archive.
///
/// What it takes can be used by anybody at once, so manifests come after what they need, and names last.
public protocol ImageTarget: Sendable {
  /// What messages call it, such as `registry.example.org/team/app` or `oci:folder`.
  var place: String { get }

  /// Looks at what is to come, and refuses what the place cannot keep.
  func prepare(for image: Manifest) async throws

  /// The digest that a name stands for; nil where there is nothing of that name.
  func digest(of name: RefName) async throws -> Digest?

  /// Whether a manifest is there.
  func hasManifest(_ descriptor: Descriptor) async throws -> Bool

  /// Whether a blob is there, in the size that is expected.
  func hasBlob(_ descriptor: Descriptor) async throws -> Bool

  /// Takes a blob over from a source without its bytes going through here.
  ///
  /// - Returns: false where that cannot be done, and the blob has to be written.
  func mount(_ blob: Descriptor, from source: any ImageSource) async throws -> Bool

  /// Takes a blob, and keeps it once its size and its digest are verified.
  ///
  /// - Parameters:
  ///   - read: begins to read at an offset; it is asked again where a transfer has to go on from its middle.
  ///   - progress: is told how many bytes have been taken so far.
  /// - Throws: where the bytes are not what the descriptor says, an error whose `isMismatch` is true; nothing is kept.
  func write(
    _ blob: Descriptor, from read: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws

  /// Takes a manifest whose blobs and entries are there, byte for byte.
  ///
  /// - Parameter descriptor: what points at it.
  func write(_ manifest: Manifest, _ descriptor: Descriptor, at place: ManifestPlace) async throws

  /// Ends the writing: an archive is only whole after it.
  func finish() async throws

  /// Gives up what was begun; what is not whole goes.
  func abandon() async
}

/// How a manifest is to be found at its target.
public enum ManifestPlace: Hashable, Sendable {
  /// Through the index that lists it.
  case inside
  /// By its digest, though no index lists it.
  case listed
  /// By a name.
  case named(RefName)
}

extension ImageTarget {
  /// Everything can be kept.
  public func prepare(for image: Manifest) async throws {}

  /// Cannot be done.
  public func mount(_ blob: Descriptor, from source: any ImageSource) async throws -> Bool { false }

  /// There is nothing to end.
  public func finish() async throws {}

  /// There is nothing to give up.
  public func abandon() async {}
}
