import Archives
import Layers
import NIOCore
import OCI

extension Layer {
  /// A layer of entries, files with the digest of a content that their size stands for.
  init(_ entries: TarEntry...) throws {
    try self.init(listing: entries)
  }

  init(listing entries: [TarEntry]) throws {
    self.init(
      entries: try entries.map { entry in
        try Entry(entry, digest: entry.kind == .file ? Digest.of(Array("\(entry.size)".utf8)) : nil)
      })
  }
}

/// A file of a size.
func file(_ path: ArchivePath, _ size: Int64 = 0) -> TarEntry { TarEntry(path: path, size: size) }

/// A directory.
func directory(_ path: ArchivePath, mode: UInt16 = 0o755) -> TarEntry {
  TarEntry(path: path, kind: .directory, mode: mode)
}

/// A symbolic link.
func link(_ path: ArchivePath, to target: ArchivePath) -> TarEntry {
  TarEntry(path: path, kind: .symbolicLink(to: target))
}

/// A hard link.
func hardLink(_ path: ArchivePath, to target: ArchivePath) -> TarEntry {
  TarEntry(path: path, kind: .hardLink(to: target))
}

extension FileTree {
  /// The paths of everything, and the sizes of files.
  var listing: [String] {
    files.map { $0.kind == .directory ? "\($0.path)/" : "\($0.path) \($0.size)" }
  }
}

/// Bytes that come in pieces.
struct Pieces: AsyncSequence, Sendable {
  let bytes: [UInt8]
  var size = 1000

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ArraySlice<UInt8>
    let size: Int

    mutating func next() async -> ByteBuffer? {
      guard !rest.isEmpty else { return nil }
      defer { rest = rest.dropFirst(size) }
      return ByteBuffer(bytes: rest.prefix(size))
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes[...], size: size) }
}

/// An archive of files and their contents.
func archive(_ files: [(ArchivePath, [UInt8])]) throws -> [UInt8] {
  var writer = TarWriter()
  var bytes: [UInt8] = []
  for (path, content) in files {
    bytes += try writer.begin(file(path, Int64(content.count))).readableBytesView
    bytes += try writer.write(ByteBuffer(bytes: content)).readableBytesView
  }
  return bytes + Array(try writer.finish().readableBytesView)
}

func gzip(_ bytes: [UInt8]) -> [UInt8] {
  let encoder = GzipEncoder()
  var compressed: [UInt8] = []
  encoder.encode(ByteBuffer(bytes: bytes)) { compressed += $0.readableBytesView }
  encoder.finish { compressed += $0.readableBytesView }
  return compressed
}
