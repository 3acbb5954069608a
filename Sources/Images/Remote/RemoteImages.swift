public import OCI
public import RegistryClient

/// The images of a registry's repository.
public struct RemoteImages: ImageSource, ImageTarget {
  /// The repository.
  public let repository: RemoteRepository
  /// Where uploads are remembered that are to go on after a restart.
  public let journal: UploadJournal?

  /// Takes a repository.
  ///
  /// - Parameter journal: remembers uploads that are to go on after a restart; nil begins them anew.
  public init(_ repository: RemoteRepository, journal: UploadJournal? = nil) {
    self.repository = repository
    self.journal = journal
  }

  /// The repository as it is written to.
  private var target: RemoteRepository { repository.asTarget }

  /// The repository's whole name.
  public var place: String { "\(repository.host)/\(repository.name)" }

  /// Looks a name up by a HEAD request.
  public func resolve(_ name: ImageName?) async throws -> Descriptor? {
    switch name {
    case nil: try await repository.head(.tag(.latest))
    case .digest(let digest): try await repository.head(.digest(digest))
    case .name(let name): try await repository.head(.tag(try tag(name)))
    }
  }

  /// A manifest, by its digest.
  public func manifest(_ descriptor: Descriptor) async throws -> Manifest? {
    try await repository.manifest(.digest(descriptor.digest))
  }

  /// The bytes of a blob; they come on when the connection breaks.
  public func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    try await repository.blob(descriptor, from: offset)
  }

  /// What the registry lists, or the index that stands in for such a list.
  public func referrers(of digest: Digest) async throws -> [Descriptor] {
    try await repository.referrers(of: digest, artifactType: nil)
  }

  /// The digest that a tag stands for, by a HEAD request.
  public func digest(of name: RefName) async throws -> Digest? {
    try await target.head(.tag(try tag(name)))?.digest
  }

  /// Whether a manifest is there, by a HEAD request.
  public func hasManifest(_ descriptor: Descriptor) async throws -> Bool {
    try await target.head(.digest(descriptor.digest)) != nil
  }

  /// Whether a blob is there, by a HEAD request.
  ///
  /// - Throws: `ImagesError` of the code `mismatch` where the registry has it in another size, which no push can mend.
  public func hasBlob(_ descriptor: Descriptor) async throws -> Bool {
    guard let size = try await target.hasBlob(descriptor.digest) else { return false }
    guard size == descriptor.size else {
      throw ImagesError(
        .malformed,
        "\(place) has the blob \(descriptor.digest) in \(size) bytes, and what refers to it says \(descriptor.size)")
    }
    return true
  }

  /// Takes a blob over from another repository of the same registry.
  public func mount(_ blob: Descriptor, from source: any ImageSource) async throws -> Bool {
    guard let source = source as? RemoteImages, source.repository.host == repository.host,
      source.repository.name != repository.name
    else { return false }
    return try await target.mount(blob.digest, from: source.repository.name)
  }

  /// Uploads a blob, which the registry keeps once it is verified.
  public func write(
    _ blob: Descriptor, from read: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws {
    try await target.upload(blob, resumable: journal, from: read, progress: progress)
  }

  /// Puts a manifest.
  public func write(_ manifest: Manifest, _ descriptor: Descriptor, at place: ManifestPlace) async throws {
    switch place {
    case .inside, .listed: try await target.put(manifest, as: .digest(descriptor.digest))
    case .named(let name): try await target.put(manifest, as: .tag(try tag(name)))
    }
  }

  private func tag(_ name: RefName) throws -> Tag {
    do {
      return try Tag(parsing: name.value)
    } catch {
      throw ImagesError(.unsupported, "\(place) cannot call an image \(name): \(error)")
    }
  }
}
