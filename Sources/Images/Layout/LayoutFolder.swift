public import OCI
public import RegistryClient

/// A folder that is an OCI layout (OCI image spec, "Image Layout").
///
/// Several processes may write to one at the same time: blobs and the index appear whole, by renaming, and the index
/// is changed under a lock. What was written survives the process; it is not synchronised to the disk.
public struct LayoutFolder: ImageSource, ImageTarget {
  /// The folder.
  public let path: String

  /// Takes a folder; nothing is read or made yet.
  public init(_ path: String) {
    self.path = path
  }

  /// The folder as command lines write it.
  public var place: String { "oci:\(path)" }

  /// Makes a folder that holds nothing, where it is not a layout already.
  ///
  /// - Throws: `ImagesError` of the code `malformed` for a folder that holds something else.
  public func create() async throws {
    try await FileThreads.run {
      for algorithm in Digest.Algorithm.allCases {
        try FilePath.makeFolder("\(path)/blobs/\(algorithm.rawValue)")
      }
      let lock = try FileLock("\(path)/\(Self.lockName)")
      try withExtendedLifetime(lock) {
        if try FilePath.size("\(path)/\(Self.indexName)") == nil {
          try StagedFile.write(LayoutIndex.empty, to: "\(path)/\(Self.indexName)", in: path)
        }
        if try !isLayout() { try StagedFile.write(LayoutMarker.bytes, to: "\(path)/\(LayoutMarker.name)", in: path) }
      }
    }
  }

  /// The manifests that the layout's index lists.
  public func entries() async throws -> [Descriptor] {
    try await FileThreads.run { try index().entries }
  }

  /// Takes a name away, and the entry that had it.
  public func remove(_ name: RefName) async throws {
    try await changeIndex { try $0.removing(name) }
  }

  private static let indexName = "index.json"
  private static let lockName = ".index.json.lock"

  /// Whether the folder says that it is a layout.
  private func isLayout() throws -> Bool {
    guard let file = try OpenFile.reading("\(path)/\(LayoutMarker.name)") else { return false }
    try LayoutMarker.verify(try file.readAll(limit: 4096), of: place)
    return true
  }

  private func index() throws -> LayoutIndex {
    guard try isLayout() else {
      throw ImagesError(.malformed, "\(path) is no OCI layout: a layout is a folder with a file oci-layout in it")
    }
    guard let file = try OpenFile.reading("\(path)/\(Self.indexName)") else {
      throw ImagesError(.malformed, "\(path) has no index.json, which every OCI layout has")
    }
    return try LayoutIndex(try file.readAll(limit: Manifest.maximumSize * 4), from: place)
  }

  private func changeIndex(_ change: @escaping @Sendable (LayoutIndex) throws -> LayoutIndex) async throws {
    try await FileThreads.run {
      let lock = try FileLock("\(path)/\(Self.lockName)")
      try withExtendedLifetime(lock) {
        let old = try index()
        let new = try change(old)
        guard new.bytes != old.bytes else { return }
        try StagedFile.write(new.bytes, to: "\(path)/\(Self.indexName)", in: path)
      }
    }
  }

  private func file(of digest: Digest) -> String { "\(path)/\(LayoutMarker.path(of: digest))" }

  private var contents: LayoutContents {
    LayoutContents(
      place: place, index: { try index() },
      part: { digest in
        guard let file = try OpenFile.reading(file(of: digest)) else { return nil }
        return FilePart(file: file, range: 0..<(try file.size()))
      })
  }
}

extension LayoutFolder {
  /// What a name stands for in the index; a digest may be that of any manifest in the layout.
  public func resolve(_ name: ImageName?) async throws -> Descriptor? { try await contents.resolve(name) }

  /// A manifest, verified.
  public func manifest(_ descriptor: Descriptor) async throws -> Manifest? { try await contents.manifest(descriptor) }

  /// The bytes of a blob.
  public func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    try await contents.blob(descriptor, from: offset)
  }

  /// The manifests that the index lists and that have the subject; also what the tag for referrers lists.
  public func referrers(of digest: Digest) async throws -> [Descriptor] { try await contents.referrers(of: digest) }
}

extension LayoutFolder {
  /// The digest that a name stands for; nil also where the layout is yet to be made.
  public func digest(of name: RefName) async throws -> Digest? {
    try await FileThreads.run {
      try isLayout() ? try index().resolve(.name(name), in: place)?.digest : nil
    }
  }

  /// Whether a manifest is there, in its size.
  public func hasManifest(_ descriptor: Descriptor) async throws -> Bool {
    try await hasBlob(descriptor)
  }

  /// Whether a blob is there, in its size.
  public func hasBlob(_ descriptor: Descriptor) async throws -> Bool {
    let path = file(of: descriptor.digest)
    return try await FileThreads.run { try FilePath.size(path) == descriptor.size }
  }

  /// Takes a blob through a file that gets its name once it is verified.
  public func write(
    _ blob: Descriptor, from read: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws {
    try await create()
    let staged = try await FileThreads.run { try StagedFile(in: path) }
    do {
      try await VerifiedWrite(file: staged.file, offset: 0, blob: blob).run(try await read(0), progress)
      try await FileThreads.run { try staged.commit(as: file(of: blob.digest)) }
    } catch {
      try await FileThreads.run { try staged.discard() }
      throw error
    }
  }

  /// Takes a manifest, and lists it in the index where no other index does.
  public func write(_ manifest: Manifest, _ descriptor: Descriptor, at place: ManifestPlace) async throws {
    try await create()
    try await FileThreads.run {
      try StagedFile.write(manifest.bytes, to: file(of: descriptor.digest), in: path)
    }
    switch place {
    case .inside: break
    case .listed: try await changeIndex { try $0.listing(descriptor, named: nil) }
    case .named(let name): try await changeIndex { try $0.listing(descriptor, named: name) }
    }
  }
}
