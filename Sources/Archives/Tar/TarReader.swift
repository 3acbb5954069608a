public import NIOCore

/// Reads a tar archive that comes in pieces: ustar, GNU's and Schily's dialects of it, PAX, and what came before.
///
/// It does no I/O: `append` the pieces as they come, and after each one take events from `next` until there are none.
/// It holds no more than the last piece and one extension header. An archive may end behind any entry, as the Go
/// library and so every container engine have it; what comes behind the end's blocks of zeros is not looked at.
public struct TarReader: Sendable {
  /// What was read.
  public enum Event: Hashable, Sendable {
    /// The next entry begins.
    case entry(TarEntry)
    /// The next bytes of the entry's content, never none.
    case content(ByteBuffer)
    /// All of the entry's content was read.
    case endOfEntry
  }

  /// What a file may be large at most, in bytes: with what fills its last block it fits 64 bits.
  static let maximumFileSize = Int64.max - Int64(TarHeader.byteCount)
  /// What the headers that extend an entry's may be large at most, each, in bytes. Go's library has the same limit.
  static let maximumExtensionSize: Int64 = 1 << 20

  private enum State {
    case header
    case extensionHeader(type: UInt8, size: Int)
    case content(remaining: Int64, padding: Int64)
    case oneZeroBlock
    case ended
  }

  private var state = State.header
  private var input = ByteBuffer()
  private var longPath: ArchivePath?
  private var longLinkTarget: ArchivePath?
  private var records = PAXRecords()
  private var defaults = PAXRecords()

  /// How many bytes of the archive were taken; after an entry it is where the entry's content begins.
  public private(set) var offset: Int64 = 0

  /// Starts at an archive's first byte.
  public init() {}

  /// Takes the next bytes of the archive.
  public mutating func append(_ bytes: ByteBuffer) {
    if input.readableBytes == 0 {
      input = bytes
    } else {
      input.discardReadBytes()
      input.writeImmutableBuffer(bytes)
    }
  }

  /// Reads on.
  ///
  /// - Returns: What was read, or nil where more bytes are needed, or the archive has ended.
  public mutating func next() throws(ArchiveError) -> Event? {
    while true {
      switch state {
      case .header:
        guard let block = take(TarHeader.byteCount) else { return nil }
        if let event = try readHeader(block) { return event }
      case .extensionHeader(let type, let size):
        guard let bytes = take(size + Self.padding(size)) else { return nil }
        try readExtension(type, Array(bytes.prefix(size)))
        state = .header
      case .content(let remaining, let padding):
        guard let event = readContent(remaining, padding) else { return nil }
        return event
      case .oneZeroBlock:
        guard let block = take(TarHeader.byteCount) else { return nil }
        guard block.allSatisfy({ $0 == 0 }) else {
          throw ArchiveError(.corrupt, "a tar archive goes on behind a single block of zeros, where two end it")
        }
        state = .ended
      case .ended:
        offset += Int64(input.readableBytes)
        input.clear()
        return nil
      }
    }
  }

  /// Leaves out what is left of the entry's content, which `next` will say nothing of, not even its end.
  ///
  /// - Returns: How many bytes of the archive, from those that come next, must not be appended.
  public mutating func skipContent() -> Int64 {
    guard case .content(let remaining, let padding) = state else { return 0 }
    let buffered = min(remaining + padding, Int64(input.readableBytes))
    input.moveReaderIndex(forwardBy: Int(buffered))
    offset += remaining + padding
    state = .header
    return remaining + padding - buffered
  }

  /// Says that no more bytes come.
  ///
  /// - Throws: `ArchiveError` where the archive ends within an entry.
  public func finish() throws(ArchiveError) {
    switch state {
    case .ended, .oneZeroBlock: return
    case .header where input.readableBytes == 0 && longPath == nil && longLinkTarget == nil && records.isEmpty: return
    case .header, .extensionHeader, .content:
      throw ArchiveError(.truncated, "a tar archive ends within an entry, after \(offset) bytes: it is not whole")
    }
  }

  private mutating func take(_ count: Int) -> [UInt8]? {
    guard let bytes = input.readBytes(length: count) else { return nil }
    offset += Int64(count)
    return bytes
  }

  private static func padding<Count: BinaryInteger>(_ size: Count) -> Count {
    let used = size % Count(TarHeader.byteCount)
    return used == 0 ? 0 : Count(TarHeader.byteCount) - used
  }

  private mutating func readContent(_ remaining: Int64, _ padding: Int64) -> Event? {
    guard remaining > 0 else {
      guard Int64(input.readableBytes) >= padding else { return nil }
      input.moveReaderIndex(forwardBy: Int(padding))
      offset += padding
      state = .header
      return .endOfEntry
    }
    let count = min(remaining, Int64(input.readableBytes))
    guard count > 0, let content = input.readSlice(length: Int(count)) else { return nil }
    offset += count
    state = .content(remaining: remaining - count, padding: padding)
    return .content(content)
  }

  private mutating func readHeader(_ block: [UInt8]) throws(ArchiveError) -> Event? {
    guard block.contains(where: { $0 != 0 }) else {
      state = .oneZeroBlock
      return nil
    }
    let header = try TarHeader(block)
    switch header.type {
    case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
      guard header.size <= Self.maximumExtensionSize else {
        throw ArchiveError(
          .tooLarge,
          "a tar archive has an extension header of \(header.size) bytes, "
            + "and at most \(Self.maximumExtensionSize) are read")
      }
      state = .extensionHeader(type: header.type, size: Int(header.size))
      return nil
    default:
      let entry = try entry(header)
      state = .content(remaining: entry.size, padding: Self.padding(entry.size))
      longPath = nil
      longLinkTarget = nil
      records = PAXRecords()
      return .entry(entry)
    }
  }

  private mutating func readExtension(_ type: UInt8, _ bytes: [UInt8]) throws(ArchiveError) {
    switch type {
    case UInt8(ascii: "L"): longPath = ArchivePath(bytes: Array(bytes.prefix { $0 != 0 }))
    case UInt8(ascii: "K"): longLinkTarget = ArchivePath(bytes: Array(bytes.prefix { $0 != 0 }))
    case UInt8(ascii: "x"): records = try PAXRecords(parsing: bytes)
    default:
      defaults = try PAXRecords(parsing: bytes)
      // Readers disagree whether such a record is in force, so it would give two readers two archives.
      guard !defaults.describesOneFile else {
        throw ArchiveError(.unsupported, "a tar archive has a global PAX header that names or measures a single file")
      }
    }
  }

  private func entry(_ header: TarHeader) throws(ArchiveError) -> TarEntry {
    let records = defaults.overlaid(by: records)
    let path = if let longPath { longPath } else { try records.path("path", or: header.path) }
    guard !path.bytes.isEmpty else { throw ArchiveError(.corrupt, "a tar archive has an entry without a name") }
    let linkTarget =
      if let longLinkTarget { longLinkTarget } else { try records.path("linkpath", or: header.linkTarget) }
    let kind = try kind(header, path, linkTarget)
    return TarEntry(
      path: path, kind: kind, mode: try header.mode,
      userID: try records.number("uid", or: header.userID),
      groupID: try records.number("gid", or: header.groupID),
      userName: records.text("uname") ?? header.userName,
      groupName: records.text("gname") ?? header.groupName,
      size: kind == .file ? try size(header, path) : 0,
      modified: try records.time("mtime", or: TarEntry.Time(seconds: header.modified)),
      extendedAttributes: records.extendedAttributes)
  }

  private func size(_ header: TarHeader, _ path: ArchivePath) throws(ArchiveError) -> Int64 {
    let size = try records.number("size", or: header.size)
    guard size >= 0, size <= Self.maximumFileSize else {
      throw ArchiveError(.corrupt, "\(path.quoted) has a size of \(size) bytes, which no file can have")
    }
    return size
  }

  private func kind(
    _ header: TarHeader, _ path: ArchivePath, _ linkTarget: ArchivePath
  ) throws(ArchiveError) -> TarEntry.Kind {
    switch header.type {
    // The tar of Unix version 7 had no letter for directories.
    case 0: return path.bytes.last == UInt8(ascii: "/") ? .directory : .file
    case UInt8(ascii: "0"), UInt8(ascii: "7"): return .file
    case UInt8(ascii: "1"): return .hardLink(to: linkTarget)
    case UInt8(ascii: "2"): return .symbolicLink(to: linkTarget)
    case UInt8(ascii: "3"):
      let device = try header.device
      return .characterDevice(major: device.major, minor: device.minor)
    case UInt8(ascii: "4"):
      let device = try header.device
      return .blockDevice(major: device.major, minor: device.minor)
    case UInt8(ascii: "5"): return .directory
    case UInt8(ascii: "6"): return .fifo
    case UInt8(ascii: "S"):
      throw ArchiveError(
        .unsupported, "\(path.quoted) is a sparse file: write the archive without (GNU tar: without --sparse)")
    default:
      throw ArchiveError(
        .unsupported,
        "\(path.quoted) has the type \(header.type), which is not one of files, links, "
          + "directories, devices and pipes")
    }
  }
}
