/// A block that begins an entry (POSIX.1, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
struct TarHeader {
  static let byteCount = 512

  private enum Format {
    case v7
    case ustar(prefixLength: Int)
    case gnu
  }

  private let block: [UInt8]
  private let format: Format

  /// The letter that tells what the entry is.
  let type: UInt8
  /// The path, the prefix of ustar before it.
  let path: ArchivePath
  /// What a link leads to.
  let linkTarget: ArchivePath
  /// The bytes that follow the block, as the block says.
  let size: Int64

  /// Reads a block whose checksum is right.
  init(_ block: [UInt8]) throws(ArchiveError) {
    precondition(block.count == Self.byteCount)
    guard Self.hasRightChecksum(block) else {
      throw ArchiveError(.corrupt, "a tar header's checksum is wrong: the archive is damaged, or no tar archive")
    }
    self.block = block
    format = Self.format(of: block)
    type = block[156]
    let name = Self.text(block[0..<100])
    if case .ustar(let prefixLength) = format, block[345] != 0 {
      path = ArchivePath(bytes: Self.text(block[345..<345 + prefixLength]) + [UInt8(ascii: "/")] + name)
    } else {
      path = ArchivePath(bytes: name)
    }
    linkTarget = ArchivePath(bytes: Self.text(block[157..<257]))
    size = try Self.number(block[124..<136], "size")
    guard size >= 0, size <= TarReader.maximumFileSize else {
      throw ArchiveError(.corrupt, "\(path.quoted) has a size of \(size) bytes, which no file can have")
    }
  }

  var mode: UInt16 {
    get throws(ArchiveError) { UInt16(truncatingIfNeeded: try Self.number(block[100..<108], "mode") & 0o7777) }
  }

  var userID: Int64 {
    get throws(ArchiveError) { try Self.number(block[108..<116], "uid") }
  }

  var groupID: Int64 {
    get throws(ArchiveError) { try Self.number(block[116..<124], "gid") }
  }

  var modified: Int64 {
    get throws(ArchiveError) { try Self.number(block[136..<148], "mtime") }
  }

  var userName: String { isV7 ? "" : String(decoding: Self.text(block[265..<297]), as: UTF8.self) }

  var groupName: String { isV7 ? "" : String(decoding: Self.text(block[297..<329]), as: UTF8.self) }

  var device: (major: UInt32, minor: UInt32) {
    get throws(ArchiveError) {
      guard !isV7 else { return (0, 0) }
      guard let major = UInt32(exactly: try Self.number(block[329..<337], "devmajor")),
        let minor = UInt32(exactly: try Self.number(block[337..<345], "devminor"))
      else { throw ArchiveError(.corrupt, "\(path.quoted) is a device with numbers that no device has") }
      return (major, minor)
    }
  }

  private var isV7: Bool { if case .v7 = format { true } else { false } }

  private static func format(of block: [UInt8]) -> Format {
    if block[257..<265].elementsEqual("ustar  \0".utf8) { return .gnu }
    guard block[257..<263].elementsEqual("ustar\0".utf8) else { return .v7 }
    // Schily's tar keeps times behind a shorter prefix.
    return .ustar(prefixLength: block[508..<512].elementsEqual("tar\0".utf8) ? 131 : 155)
  }

  /// The sum of the block's bytes, its own field taken as spaces. Old writers summed signed characters.
  private static func hasRightChecksum(_ block: [UInt8]) -> Bool {
    guard let written = try? number(block[148..<156], "checksum") else { return false }
    let field = 148..<156
    var unsigned = Int64(UInt8(ascii: " ")) * Int64(field.count)
    var signed = unsigned
    for index in block.indices where !field.contains(index) {
      unsigned += Int64(block[index])
      signed += Int64(Int8(bitPattern: block[index]))
    }
    return written == unsigned || written == signed
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
    Array(field.prefix { $0 != 0 })
  }

  /// Octal digits between spaces and zeros, or GNU's base 256, which the first bit tells.
  private static func number(_ field: ArraySlice<UInt8>, _ name: String) throws(ArchiveError) -> Int64 {
    guard let first = field.first, first & 0x80 == 0 else { return try base256(field, name) }
    var value: Int64 = 0
    let digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }
      .prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else {
        throw ArchiveError(.corrupt, "a tar header's \(name) is not a number of octal digits")
      }
      value = value << 3 | Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  private static func base256(_ field: ArraySlice<UInt8>, _ name: String) throws(ArchiveError) -> Int64 {
    let isNegative = field[field.startIndex] & 0x40 != 0
    var value: Int64 = isNegative ? -1 : 0
    for (index, byte) in field.enumerated() {
      // The first bit is the mark; the second one is the sign.
      let byte = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte
      let (shifted, overflows) = value.multipliedReportingOverflow(by: 256)
      guard !overflows else { throw ArchiveError(.corrupt, "a tar header's \(name) does not fit 64 bits") }
      value = shifted | Int64(byte)
    }
    return value
  }
}
