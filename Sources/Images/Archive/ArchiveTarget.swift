internal import Archives
internal import Locks
internal import NIOCore
public import OCI
public import RegistryClient

/// A tar archive of an OCI layout that is being written, with what `docker load` reads beside it where that is wanted.
///
/// Each file's place is set apart before its bytes come, so that several are written at the same time. The archive
/// stands under its own name when it is whole, and replaces what had that name.
public struct ArchiveTarget: ImageTarget {
  /// What archives there are.
  public enum Form: Hashable, Sendable {
    /// An OCI layout, which may hold whole indexes.
    case layout
    /// What `docker save` writes since Docker 25, an OCI layout with a `manifest.json`; it holds single images.
    case docker
  }

  private struct State {
    var end: Int64 = 0
    var places: [Digest: Int64] = [:]
    var complete: Set<Digest> = []
    var entries: [Descriptor] = []
    var images: [Digest: Manifest] = [:]
  }

  /// The file.
  public let path: String
  /// What it is.
  public let form: Form
  private let staged: StagedFile
  private let state: Locked<State>

  /// Begins an archive.
  public init(creating path: String, _ form: Form) async throws {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let staged = try await FileThreads.run { try StagedFile(in: folder) }
    (self.path, self.form, self.staged) = (path, form, staged)
    state = Locked(State())
    do {
      try await addFolder("blobs")
      for algorithm in Digest.Algorithm.allCases { try await addFolder("blobs/\(algorithm.rawValue)") }
      try await addFile(LayoutMarker.name, LayoutMarker.bytes)
    } catch {
      await abandon()
      throw error
    }
  }

  /// The file as command lines write it.
  public var place: String { (form == .docker ? "docker-archive:" : "oci-archive:") + path }

  /// Refuses indexes for Docker, which loads single images.
  public func prepare(for image: Manifest) async throws {
    guard form == .docker, image.kind != .image else { return }
    throw ImagesError(
      .unsupported, "an archive for docker load holds one image, and this is \(image.mediaType); choose a platform")
  }

  /// Nothing is in there before.
  public func digest(of name: RefName) async throws -> Digest? { nil }

  /// Whether a manifest was written already.
  public func hasManifest(_ descriptor: Descriptor) async throws -> Bool { try await hasBlob(descriptor) }

  /// Whether a blob was written already.
  public func hasBlob(_ descriptor: Descriptor) async throws -> Bool {
    state.withLock { $0.complete.contains(descriptor.digest) }
  }

  /// Takes a blob to its place.
  public func write(
    _ blob: Descriptor, from read: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws {
    let offset = try await place(for: blob)
    try await VerifiedWrite(file: staged.file, offset: offset, blob: blob).run(try await read(0), progress)
    state.withLock { _ = $0.complete.insert(blob.digest) }
  }

  /// Takes a manifest, and lists it in the index where no other index does.
  public func write(_ manifest: Manifest, _ descriptor: Descriptor, at place: ManifestPlace) async throws {
    if try await !hasManifest(descriptor) {
      let offset = try await self.place(for: descriptor)
      try await FileThreads.run { try manifest.bytes.withUnsafeBytes { try staged.file.write($0, at: offset) } }
    }
    state.withLock { state in
      state.complete.insert(descriptor.digest)
      switch place {
      case .inside: return
      case .listed: state.entries.append(entry(descriptor, [:]))
      case .named(let name): state.entries.append(entry(descriptor, annotations(for: name)))
      }
      state.images[descriptor.digest] = manifest
    }
  }

  /// Writes the index and gives the archive its name.
  public func finish() async throws {
    let (entries, images) = state.withLock { ($0.entries, $0.images) }
    try await addFile("index.json", try LayoutIndex(entries).bytes)
    if form == .docker {
      try await addFile(DockerArchiveList.name, DockerArchiveList.json(entries, images))
    }
    let end = state.withLock { $0.end }
    try await FileThreads.run {
      // Two blocks of zeros end an archive.
      try staged.file.truncate(to: end + 1024)
      try staged.commit(as: path)
    }
  }

  /// Removes what was written.
  public func abandon() async {
    // Nobody can do anything about a file that cannot be removed, and what led here says more.
    try? await FileThreads.run { try staged.discard() }
  }
}

extension ArchiveTarget {
  private func entry(_ descriptor: Descriptor, _ annotations: [String: String]) -> Descriptor {
    Descriptor(
      mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size,
      artifactType: descriptor.artifactType, annotations: annotations, platform: descriptor.platform)
  }

  /// Docker finds the whole name in containerd's annotation, and the tag in the specification's.
  private func annotations(for name: RefName) -> [String: String] {
    guard form == .docker, let image = try? ImageReference(parsing: name.value) else {
      return [LayoutIndex.nameAnnotation: name.value]
    }
    return [
      LayoutIndex.imageNameAnnotation: RefName(image).value,
      LayoutIndex.nameAnnotation: (image.tag ?? .latest).value,
    ]
  }

  private func place(for blob: Descriptor) async throws -> Int64 {
    if let place = state.withLock({ $0.places[blob.digest] }) { return place }
    let entry = TarEntry(path: ArchivePath(LayoutMarker.path(of: blob.digest)), size: blob.size)
    let place = try await begin(entry)
    state.withLock { $0.places[blob.digest] = place }
    return place
  }

  private func addFolder(_ path: String) async throws {
    _ = try await begin(TarEntry(path: ArchivePath("\(path)/"), kind: .directory))
  }

  private func addFile(_ path: String, _ bytes: [UInt8]) async throws {
    let offset = try await begin(TarEntry(path: ArchivePath(path), size: Int64(bytes.count)))
    try await FileThreads.run { try bytes.withUnsafeBytes { try staged.file.write($0, at: offset) } }
  }

  /// Sets an entry's place apart and writes its header.
  ///
  /// - Returns: where its content begins.
  private func begin(_ entry: TarEntry) async throws -> Int64 {
    var writer = TarWriter()
    let header = try writer.begin(entry)
    let start = state.withLock { state in
      let start = state.end
      let end = start + Int64(header.readableBytes) + entry.size
      // What fills the last block are zeros, which is what a file has where nothing was written.
      state.end = (end + 511) / 512 * 512
      return start
    }
    try await FileThreads.run {
      try header.withUnsafeReadableBytes { try staged.file.write($0, at: start) }
    }
    return start + Int64(header.readableBytes)
  }
}
