internal import Archives
internal import Locks
internal import NIOCore
public import OCI
public import RegistryClient

/// An archive that `docker save` or `podman save` wrote, read in place.
///
/// Where it is an OCI layout whose layers are compressed, images keep their digests. Older archives, and those of
/// Docker's older store, hold plain layers; they are compressed on the way, always to the same bytes.
public struct DockerArchive: ImageSource {
  /// The file.
  public let path: String
  private let tar: TarIndex
  private let layout: LayoutContents?
  private let images: [DockerArchiveList.Image]
  private let packed = Locked<[Digest: PackedImage]>([:])

  /// Opens an archive and reads where its files are.
  ///
  /// - Throws: `ImagesError` for a file that is no such archive.
  public init(opening path: String) async throws {
    let place = "docker-archive:\(path)"
    let (tar, layout, images) = try await FileThreads.run {
      let tar = try TarIndex(try OpenFile.readingArchive(path))
      let layout = try LayoutContents(tar, place: place)
      guard let list = tar.part(DockerArchiveList.name) else {
        if layout != nil { return (tar, layout, [DockerArchiveList.Image]()) }
        throw ImagesError(
          .malformed, "\(path) is no archive of docker save: there is no manifest.json in it")
      }
      return (tar, layout, try DockerArchiveList.read(try list.readAll(limit: Manifest.maximumSize), from: place))
    }
    (self.path, self.tar, self.layout, self.images) = (path, tar, layout, images)
  }

  /// The file as command lines write it.
  public var place: String { "docker-archive:\(path)" }

  /// What a name stands for.
  public func resolve(_ name: ImageName?) async throws -> Descriptor? {
    if case .digest(let digest) = name, let image = packed.withLock({ $0[digest] }) { return image.descriptor }
    if let layout, let descriptor = try await layout.resolve(name) {
      let manifest = try await layout.manifest(descriptor)
      if manifest?.layers.contains(where: \.mediaType.isPlainLayer) != true { return descriptor }
    }
    guard let image = try image(name) else { return nil }
    let packed = try await PackedImage(image, in: tar, place: place)
    self.packed.withLock { $0[packed.descriptor.digest] = packed }
    return packed.descriptor
  }

  private func image(_ name: ImageName?) throws -> DockerArchiveList.Image? {
    switch name {
    case .digest: return nil
    case .name(let name): return images.first { $0.names.contains { RefName($0) == name } }
    case nil:
      guard images.count <= 1 else {
        let names = images.flatMap(\.names).map(\.description).prefix(12).joined(separator: ", ")
        throw ImagesError(.unsupported, "\(place) holds several images; say which one. It holds \(names)")
      }
      return images.first
    }
  }

  /// A manifest; that of plain layers is made here.
  public func manifest(_ descriptor: Descriptor) async throws -> Manifest? {
    if let image = packed.withLock({ $0[descriptor.digest] }) { return image.manifest }
    return try await layout?.manifest(descriptor)
  }

  /// The bytes of a blob; those of plain layers are compressed here.
  public func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    for image in packed.withLock({ Array($0.values) }) {
      if let bytes = image.blob(descriptor.digest, from: offset) { return bytes }
    }
    guard let layout else { throw ImagesError(.missing, "\(place) has no blob \(descriptor.digest)") }
    return try await layout.blob(descriptor, from: offset)
  }

  /// What an archive with a layout lists.
  public func referrers(of digest: Digest) async throws -> [Descriptor] {
    try await layout?.referrers(of: digest) ?? []
  }
}

extension MediaType {
  /// Whether a layer of this type is not compressed.
  fileprivate var isPlainLayer: Bool { value.hasSuffix(".tar") && !isNonDistributable }
}
