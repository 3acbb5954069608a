public import NIOCore

/// Writes a tar archive: ustar, with a PAX header where an entry needs one.
///
/// It does no I/O: each call answers the bytes that come next. The same entries are always the same bytes.
public struct TarWriter: Sendable {
  private var remaining: Int64 = 0
  private var padding = 0
  private var path: ArchivePath = ""

  /// Starts an archive.
  public init() {}

  /// Ends the entry before and begins the next one.
  ///
  /// - Throws: `ArchiveError` where content of the entry before is missing, or the entry cannot be written.
  public mutating func begin(_ entry: TarEntry) throws(ArchiveError) -> ByteBuffer {
    var output = try end()
    guard entry.size >= 0, entry.size <= TarReader.maximumFileSize, entry.kind == .file || entry.size == 0 else {
      throw ArchiveError(.unsupported, "\(entry.path.quoted) cannot have a content of \(entry.size) bytes")
    }
    let encoding = try TarEncoding(entry)
    output.writeBytes(encoding.bytes)
    path = entry.path
    remaining = entry.size
    padding = Int((512 - entry.size % 512) % 512)
    return output
  }

  /// Takes content of the entry, and answers it.
  ///
  /// - Throws: `ArchiveError` where it is more than the entry's size.
  public mutating func write(_ content: ByteBuffer) throws(ArchiveError) -> ByteBuffer {
    guard content.readableBytes <= remaining else {
      throw ArchiveError(.tooLarge, "\(path.quoted) has more content than its size says")
    }
    remaining -= Int64(content.readableBytes)
    return content
  }

  /// Ends the archive.
  ///
  /// - Throws: `ArchiveError` where content of the last entry is missing.
  public mutating func finish() throws(ArchiveError) -> ByteBuffer {
    var output = try end()
    output.writeRepeatingByte(0, count: 2 * TarHeader.byteCount)
    return output
  }

  private mutating func end() throws(ArchiveError) -> ByteBuffer {
    guard remaining == 0 else {
      throw ArchiveError(.truncated, "\(remaining) bytes of the content of \(path.quoted) are missing")
    }
    var output = ByteBuffer()
    output.writeRepeatingByte(0, count: padding)
    padding = 0
    return output
  }
}
