public import Archives
public import NIOCore
public import OCI

/// What a layer holds, contents left out but for the files that were asked for.
public struct Layer: Sendable {
  /// What an archive says of one of the layer's files, whiteouts among them.
  public struct Entry: Hashable, Sendable {
    /// Where it goes.
    public let path: RootedPath
    /// What the archive says of it.
    public let metadata: TarEntry
    /// The digest of its content; nil for what is not a file.
    public let digest: Digest?

    /// Takes what an archive says.
    ///
    /// - Throws: `LayerError` for a path that is too long.
    public init(_ metadata: TarEntry, digest: Digest? = nil) throws(LayerError) {
      path = try RootedPath(metadata.path)
      self.metadata = metadata
      self.digest = digest
    }
  }

  /// How much content of a layer is kept at most, in bytes; files that go beyond are not kept.
  public static let maximumKeptBytes = 64 << 20

  /// How much memory a layer's entries may take at most, in bytes, about: enough for a million and more.
  static let maximumListingBytes = 1 << 30

  /// The entries, in the order of the archive.
  public var entries: [Entry]
  /// The contents that were kept, by the index of their entry.
  public var contents: [Int: [UInt8]]
  /// The digest of the uncompressed archive, which the image's config lists.
  public var diffID: Digest?
  /// The size of the uncompressed archive, in bytes.
  public var uncompressedSize: Int64

  /// Takes entries that did not come from an archive.
  public init(entries: [Entry], contents: [Int: [UInt8]] = [:]) {
    self.entries = entries
    self.contents = contents
    diffID = nil
    uncompressedSize = 0
  }

  /// Reads a layer, compressed or not.
  ///
  /// - Parameter keeps: Says of which files the content is kept; those that list packages are, unless it is given.
  /// - Throws: `ArchiveError` and `LayerError` for a layer that cannot be read, and what the stream throws.
  public init<Stream: AsyncSequence>(
    reading stream: Stream, keeping keeps: (RootedPath) -> Bool = PackageDatabase.isPart
  ) async throws where Stream.Element == ByteBuffer {
    self.init(entries: [])
    var reader = LayerReader(stream)
    var keptBytes = 0
    var listingBytes = 0
    while let event = try await reader.next() {
      guard case .entry(let metadata) = event else { continue }
      listingBytes += metadata.memorySize
      guard listingBytes <= Self.maximumListingBytes else {
        throw LayerError("the layer has more entries than can be held, after \(entries.count) of them")
      }
      let path = try RootedPath(metadata.path)
      let isKept = metadata.kind == .file && metadata.size <= Self.maximumKeptBytes - keptBytes && keeps(path)
      let (digest, content) = try await reader.content(isKept: isKept)
      if isKept {
        contents[entries.count] = content
        keptBytes += content.count
      }
      entries.append(try Entry(metadata, digest: metadata.kind == .file ? digest : nil))
    }
    diffID = reader.diffID
    uncompressedSize = reader.uncompressedSize
  }
}

extension LayerReader {
  /// Reads the content of the entry that was just read, to its end.
  fileprivate mutating func content(isKept: Bool) async throws -> (digest: Digest, content: [UInt8]) {
    var hasher = Digest.Hasher(.sha256)
    var content: [UInt8] = []
    while case .content(let bytes) = try await next() {
      bytes.withUnsafeReadableBytes { hasher.update($0) }
      if isKept { content += bytes.readableBytesView }
    }
    return (hasher.finalize(), content)
  }
}

extension TarEntry {
  /// The bytes that it takes to hold it, about.
  fileprivate var memorySize: Int {
    let attributes = extendedAttributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.count + 64 }
    return 512 + 2 * path.bytes.count + (kind.linkTarget?.bytes.count ?? 0) + attributes
  }
}

extension TarEntry.Kind {
  /// What a link of either kind leads to.
  var linkTarget: ArchivePath? {
    switch self {
    case .hardLink(let target), .symbolicLink(let target): target
    case .file, .directory, .characterDevice, .blockDevice, .fifo: nil
    }
  }
}
