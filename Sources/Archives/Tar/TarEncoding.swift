/// The header blocks of an entry.
struct TarEncoding {
  private(set) var bytes: [UInt8] = []
  private var records = PAXRecords()

  init(_ entry: TarEntry) throws(ArchiveError) {
    let path = Self.path(of: entry)
    guard !path.isEmpty, !path.contains(0) else {
      throw ArchiveError(.unsupported, "\(entry.path.quoted) cannot be in a tar archive: a path has no zero bytes")
    }
    let block = try block(entry, path)
    records.set(attributes: entry.extendedAttributes)
    if !records.isEmpty { bytes += extensionHeader(path) }
    bytes += block
  }

  private static func path(of entry: TarEntry) -> [UInt8] {
    let bytes = entry.path.bytes
    return entry.kind == .directory && bytes.last != UInt8(ascii: "/") ? bytes + [UInt8(ascii: "/")] : bytes
  }

  private mutating func block(_ entry: TarEntry, _ path: [UInt8]) throws(ArchiveError) -> [UInt8] {
    var block = Self.block()
    if let (prefix, name) = Self.split(path) {
      Self.put(name, at: 0, in: &block)
      Self.put(prefix, at: 345, in: &block)
    } else {
      records.set("path", path)
      Self.put(Self.ascii(path.suffix(100)), at: 0, in: &block)
    }
    Self.put(UInt64(entry.mode & 0o7777), digits: 7, at: 100, in: &block)
    put(entry.userID, "uid", digits: 7, at: 108, in: &block)
    put(entry.groupID, "gid", digits: 7, at: 116, in: &block)
    put(entry.size, "size", digits: 11, at: 124, in: &block)
    put(entry.modified, at: 136, in: &block)
    put(entry.userName, "uname", at: 265, in: &block)
    put(entry.groupName, "gname", at: 297, in: &block)
    try put(entry, in: &block)
    Self.seal(&block)
    return block
  }

  private mutating func put(_ entry: TarEntry, in block: inout [UInt8]) throws(ArchiveError) {
    switch entry.kind {
    case .file: block[156] = UInt8(ascii: "0")
    case .hardLink(let target): put(linkTarget: target, type: UInt8(ascii: "1"), in: &block)
    case .symbolicLink(let target): put(linkTarget: target, type: UInt8(ascii: "2"), in: &block)
    case .directory: block[156] = UInt8(ascii: "5")
    case .fifo: block[156] = UInt8(ascii: "6")
    case .characterDevice(let major, let minor):
      block[156] = UInt8(ascii: "3")
      try Self.put(major, minor, of: entry, in: &block)
    case .blockDevice(let major, let minor):
      block[156] = UInt8(ascii: "4")
      try Self.put(major, minor, of: entry, in: &block)
    }
  }

  private mutating func put(linkTarget target: ArchivePath, type: UInt8, in block: inout [UInt8]) {
    block[156] = type
    if target.bytes.count > 100 || !target.bytes.allSatisfy(Self.isASCII) { records.set("linkpath", target.bytes) }
    Self.put(Self.ascii(target.bytes.prefix(100)), at: 157, in: &block)
  }

  private static func put(
    _ major: UInt32, _ minor: UInt32, of entry: TarEntry, in block: inout [UInt8]
  ) throws(ArchiveError) {
    guard major <= 0o7777777, minor <= 0o7777777 else {
      throw ArchiveError(.unsupported, "\(entry.path.quoted) is a device whose numbers do not fit a tar archive")
    }
    put(UInt64(major), digits: 7, at: 329, in: &block)
    put(UInt64(minor), digits: 7, at: 337, in: &block)
  }

  private mutating func put(_ value: Int64, _ key: String, digits: Int, at offset: Int, in block: inout [UInt8]) {
    let fits = value >= 0 && value < Int64(1) << (3 * digits)
    if !fits { records.set(key, String(value)) }
    Self.put(fits ? UInt64(value) : 0, digits: digits, at: offset, in: &block)
  }

  private mutating func put(_ time: TarEntry.Time, at offset: Int, in block: inout [UInt8]) {
    put(time.seconds, "mtime", digits: 11, at: offset, in: &block)
    if time.nanoseconds != 0 { records.set("mtime", time.decimal) }
  }

  private mutating func put(_ name: String, _ key: String, at offset: Int, in block: inout [UInt8]) {
    let bytes = Array(name.utf8)
    let fits = bytes.count < 32 && bytes.allSatisfy(Self.isASCII)
    if !fits { records.set(key, bytes) }
    Self.put(fits ? bytes : [], at: offset, in: &block)
  }

  /// The PAX header, which is named as the Go library names it.
  private func extensionHeader(_ path: [UInt8]) -> [UInt8] {
    let content = records.encoded
    var block = Self.block()
    let name = path.split(separator: UInt8(ascii: "/")).last ?? []
    Self.put(Array("PaxHeaders.0/".utf8) + Self.ascii(name.prefix(80)), at: 0, in: &block)
    Self.put(0o644, digits: 7, at: 100, in: &block)
    for offset in [108, 116] { Self.put(0, digits: 7, at: offset, in: &block) }
    Self.put(UInt64(content.count), digits: 11, at: 124, in: &block)
    Self.put(0, digits: 11, at: 136, in: &block)
    block[156] = UInt8(ascii: "x")
    Self.seal(&block)
    return block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  private static func block() -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarHeader.byteCount)
    put(Array("ustar\u{0}00".utf8), at: 257, in: &block)
    return block
  }

  /// Parts a path into ustar's prefix and name, or answers nil where it does not fit.
  private static func split(_ path: [UInt8]) -> (prefix: [UInt8], name: [UInt8])? {
    guard path.allSatisfy(isASCII) else { return nil }
    guard path.count > 100 else { return ([], path) }
    // The slash between them is not kept, and a directory's last one has to stay with its name.
    for index in path.indices.dropLast() where path[index] == UInt8(ascii: "/") && index > 0 {
      if index <= 155, path.count - index - 1 <= 100 { return (Array(path[..<index]), Array(path[(index + 1)...])) }
    }
    return nil
  }

  private static func isASCII(_ byte: UInt8) -> Bool { byte < 0x80 }

  private static func ascii(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.map { isASCII($0) ? $0 : UInt8(ascii: "_") }
  }

  private static func put(_ bytes: [UInt8], at offset: Int, in block: inout [UInt8]) {
    block.replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }

  private static func put(_ value: UInt64, digits: Int, at offset: Int, in block: inout [UInt8]) {
    let octal = String(value, radix: 8)
    let zeros = String(repeating: "0", count: digits - octal.utf8.count)
    put(Array((zeros + octal).utf8), at: offset, in: &block)
  }

  /// Writes the checksum, for which its own field counts as spaces.
  private static func seal(_ block: inout [UInt8]) {
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148, in: &block)
    put(block.reduce(0) { $0 + UInt64($1) }, digits: 6, at: 148, in: &block)
    block[154] = 0
  }
}
