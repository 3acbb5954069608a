import Archives
import Foundation
import NIOCore
import Processes
import TestSupport

/// What a reader finds in an archive, contents whole.
struct TarListing: Equatable {
  var entries: [TarEntry] = []
  var contents: [ArchivePath: [UInt8]] = [:]

  /// Reads an archive that comes in pieces of a size.
  init(reading archive: [UInt8], pieceSize: Int = .max) throws {
    var reader = TarReader()
    for piece in archive.pieces(of: pieceSize) {
      reader.append(piece)
      while let event = try reader.next() { take(event) }
    }
    try reader.finish()
  }

  private mutating func take(_ event: TarReader.Event) {
    switch event {
    case .entry(let entry): entries.append(entry)
    case .content(let bytes): contents[entries[entries.count - 1].path, default: []] += Array(bytes.readableBytesView)
    case .endOfEntry: break
    }
  }

  subscript(path: ArchivePath) -> TarEntry? { entries.first { $0.path == path } }
}

extension [UInt8] {
  func pieces(of size: Int) -> [ByteBuffer] {
    stride(from: 0, to: count, by: Swift.min(size, Swift.max(count, 1))).map { start in
      ByteBuffer(bytes: self[start..<start + Swift.min(size, count - start)])
    }
  }
}

/// The archive of entries and their contents.
func tar(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
  var writer = TarWriter()
  var archive: [UInt8] = []
  for (entry, content) in entries {
    archive += Array(try writer.begin(entry).readableBytesView)
    archive += Array(try writer.write(ByteBuffer(bytes: content)).readableBytesView)
  }
  return archive + Array(try writer.finish().readableBytesView)
}

/// Changes a header and mends its checksum.
func changing(_ archive: [UInt8], at header: Int = 0, _ change: (inout ArraySlice<UInt8>) -> Void) -> [UInt8] {
  var block = archive[header..<header + 512]
  change(&block)
  block.replaceSubrange(header + 148..<header + 156, with: Array("        ".utf8))
  let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
  let digits = String(repeating: "0", count: 6 - sum.count) + sum
  block.replaceSubrange(header + 148..<header + 156, with: Array(digits.utf8) + [0, 32])
  var changed = archive
  changed.replaceSubrange(header..<header + 512, with: block)
  return changed
}

/// Runs a command of the system and answers what it wrote; nil where it is not installed.
func run(_ command: String, _ arguments: [String], in folder: String) throws -> [UInt8]? {
  guard ["/usr/bin/", "/bin/"].contains(where: { FileManager.default.isExecutableFile(atPath: $0 + command) }) else {
    return nil
  }
  let outcome = try Program.run(command, arguments, in: folder)
  guard outcome.status == 0 else { throw CommandFailed(command: command) }
  return outcome.output
}

struct CommandFailed: Error {
  let command: String
}
