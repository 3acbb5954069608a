internal import Archives
internal import NIOCore

/// Where the files in a tar archive begin and end, so that each can be read in place.
struct TarIndex: Sendable {
  /// More files than any image's archive has; an archive of headers alone would fill the memory.
  static let maximumEntries = 100_000

  private let file: OpenFile
  private var ranges: [String: Range<Int64>] = [:]
  private var links: [String: String] = [:]

  /// Reads the headers, and goes past the contents; it blocks.
  init(_ file: OpenFile) throws {
    self.file = file
    var (reader, position) = (TarReader(), Int64(0))
    let size = try file.size()
    while position < size {
      let block = try file.read(at: position, count: 8 << 10)
      guard block.readableBytes > 0 else { break }
      if position == 0 { try Self.verifyIsPlain(block, file.path) }
      position += Int64(block.readableBytes)
      reader.append(block)
      while let event = try reader.next() {
        guard case .entry(let entry) = event else { continue }
        guard entry.size <= size - reader.offset else {
          throw ImagesError(.malformed, "\(file.path) ends within \(entry.path): it was cut off")
        }
        try add(entry, at: reader.offset)
        position += reader.skipContent()
      }
    }
    try reader.finish()
  }

  /// A file's place, by its path from the archive's root on; links are followed.
  func part(_ path: String) -> FilePart? {
    var path = Self.normalized(path)
    for _ in 0..<8 {
      if let range = ranges[path] { return FilePart(file: file, range: range) }
      guard let target = links[path] else { return nil }
      path = target
    }
    return nil
  }

  private mutating func add(_ entry: TarEntry, at offset: Int64) throws {
    guard ranges.count + links.count < Self.maximumEntries else {
      throw ImagesError(.malformed, "\(file.path) holds more than \(Self.maximumEntries) files, and no image does")
    }
    let path = Self.normalized(entry.path.description)
    (ranges[path], links[path]) = (nil, nil)
    switch entry.kind {
    case .file: ranges[path] = offset..<offset + entry.size
    case .hardLink(let target): links[path] = Self.normalized(target.description)
    case .symbolicLink(let target):
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      links[path] = Self.normalized("\(folder)/\(target)")
    default: break
    }
  }

  private static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  private static func verifyIsPlain(_ start: ByteBuffer, _ path: String) throws {
    guard try Compressed.compression(of: start) == .none else {
      throw ImagesError(.unsupported, "\(path) is compressed, and archives are read in place; decompress it first")
    }
  }
}

/// How bytes are compressed.
enum Compressed {
  /// Tells by the first bytes.
  static func compression(of start: ByteBuffer) throws -> Compression {
    let decompressor = Decompressor()
    try decompressor.decode(start.getSlice(at: start.readerIndex, length: min(4, start.readableBytes)) ?? start) { _ in
    }
    return decompressor.compression ?? .none
  }
}
