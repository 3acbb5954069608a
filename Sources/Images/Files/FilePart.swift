internal import NIOCore
internal import RegistryClient

/// A part of a file: a blob in a folder, or one in an archive.
struct FilePart: Sendable {
  let file: OpenFile
  let range: Range<Int64>

  var size: Int64 { Int64(range.count) }

  /// The bytes from an offset within the part on, piece by piece.
  func bytes(from offset: Int64) -> ByteStream {
    ByteStream(FilePieces(file: file, range: min(range.lowerBound + offset, range.upperBound)..<range.upperBound))
  }

  /// All bytes of a part that may have a number of bytes at the most; it blocks.
  func readAll(limit: Int) throws -> [UInt8] {
    guard size <= Int64(limit) else {
      throw ImagesError(.malformed, "\(file.path) holds \(size) bytes where \(limit) are read at the most")
    }
    return Array(buffer: try file.read(at: range.lowerBound, count: Int(size)))
  }
}
