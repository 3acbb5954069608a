import Archives
import NIOCore
import Testing

@Suite("Hostile tar archives")
struct HostileTarTests {
  @Test("an archive that was cut within an entry is not whole", arguments: [1, 511, 512, 513, 1023, 1100])
  func truncated(length: Int) throws {
    let archive = try tar([(TarEntry(path: "a", size: 600), [UInt8](repeating: 1, count: 600))])
    #expect(throws: ArchiveError.self) { try TarListing(reading: Array(archive.prefix(length))) }
    do {
      _ = try TarListing(reading: Array(archive.prefix(length)), pieceSize: 100)
    } catch let error as ArchiveError {
      #expect(error.code == .truncated)
    }
  }

  @Test("an archive that was cut behind the header of a long name is not whole")
  func truncatedAfterExtension() throws {
    let name = String(repeating: "n", count: 300)
    let archive = try tar([(TarEntry(path: ArchivePath(name)), [])])
    expect(.truncated, Array(archive.prefix(1024)))
  }

  @Test("a changed byte in a header shows")
  func checksum() throws {
    var archive = try tar([(TarEntry(path: "etc/passwd"), [])])
    archive[0] ^= 1
    expect(.corrupt, archive)
  }

  @Test("what is no tar archive is refused", arguments: [UInt8(1), 32, 255])
  func garbage(byte: UInt8) {
    expect(.corrupt, [UInt8](repeating: byte, count: 1024))
  }

  @Test("sizes that no file can have are refused, and so is a number that is none")
  func sizes() throws {
    let archive = try tar([(TarEntry(path: "a"), [])])
    let negative = [UInt8](repeating: 0xff, count: 12)
    expect(.corrupt, changing(archive) { $0.replaceSubrange(124..<136, with: negative) })
    let tooLarge: [UInt8] = [0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255]
    expect(.corrupt, changing(archive) { $0.replaceSubrange(124..<136, with: tooLarge) })
    let overflowing: [UInt8] = [0xbf] + [UInt8](repeating: 255, count: 11)
    expect(.corrupt, changing(archive) { $0.replaceSubrange(124..<136, with: overflowing) })
    expect(.corrupt, changing(archive) { $0.replaceSubrange(124..<136, with: Array("0000000009x\0".utf8)) })
  }

  @Test("a file that says it is huge takes no memory, and is not whole")
  func hugeAndAbsent() throws {
    var writer = TarWriter()
    let header = Array(try writer.begin(TarEntry(path: "a", size: 1 << 60)).readableBytesView)
    expect(.truncated, header + [1, 2, 3])
  }

  @Test("an extension header of more than a megabyte is refused before it is read", arguments: ["x", "g", "L", "K"])
  func largeExtension(type: String) throws {
    let archive = changing(try tar([(TarEntry(path: "a"), [])])) { block in
      block[156] = type.utf8.first!
      block.replaceSubrange(124..<136, with: Array("00004000001\0".utf8))
    }
    expect(.tooLarge, archive)
  }

  @Test(
    "PAX records that lead elsewhere, lack a part or hold what cannot be are refused",
    arguments: [
      "99 path=a\n", "0 path=a\n", "3 \n", "9 path=ab", "12 path=abc\n\n", "-9 path=a\n", "9 pathaa\n", "6 =ab\n",
      "x path=a\n", "18446744073709551616 a=b\n", "12 path=a\0b\n", "9 size=x\n", "11 size=-1\n", "11 mtime=x\n",
      "28 size=9223372036854775807\n", "11 uid=1.5\n", " ",
    ])
  func records(text: String) throws {
    expect(.corrupt, try withRecords(text))
  }

  @Test("what is not read is refused by its name, not taken for something else")
  func unsupported() throws {
    expect(.unsupported, try withRecords("22 GNU.sparse.major=1\n"))
    let archive = try tar([(TarEntry(path: "a"), [])])
    for type in ["S", "M", "D", "V", "X", "8", "\u{7f}"] {
      expect(.unsupported, changing(archive) { $0[156] = type.utf8.first! })
    }
    expect(.unsupported, try withRecords("11 path=ab\n", type: "g"))
  }

  @Test("an entry without a name is refused")
  func nameless() throws {
    expect(.corrupt, changing(try tar([(TarEntry(path: "a"), [])])) { $0[0] = 0 })
  }

  @Test("a block of zeros between entries does not hide what follows")
  func hiddenEntries() throws {
    let entry = try tar([(TarEntry(path: "a"), [])])
    expect(.corrupt, [UInt8](repeating: 0, count: 512) + entry)
  }

  @Test("no byte that changes in an archive makes the reader stop the process")
  func changedBytes() throws {
    let archive = try tar([
      (
        TarEntry(path: ArchivePath(String(repeating: "é", count: 90)), size: 5, extendedAttributes: ["a": [1]]),
        [1, 2, 3, 4, 5]
      )
    ])
    for index in archive.indices {
      for value: UInt8 in [0, 57, 255] {
        var changed = archive
        changed[index] = value
        if index < 512 { changed = changing(changed) { _ in } }
        #expect(throws: Never.self) { try readOrRefuse(changed) }
      }
    }
  }

  private func readOrRefuse(_ archive: [UInt8]) throws {
    do { _ = try TarListing(reading: archive) } catch is ArchiveError {}
  }

  private func withRecords(_ text: String, type: String = "x") throws -> [UInt8] {
    let content = Array(text.utf8)
    let archive = try tar([(TarEntry(path: "p", size: Int64(content.count)), content), (TarEntry(path: "a"), [])])
    return changing(archive) { $0[156] = type.utf8.first! }
  }

  private func expect(_ code: ArchiveError.Code, _ archive: [UInt8], sourceLocation: SourceLocation = #_sourceLocation)
  {
    let error = #expect(throws: ArchiveError.self, sourceLocation: sourceLocation) {
      try TarListing(reading: archive, pieceSize: 333)
    }
    #expect(error?.code == code, sourceLocation: sourceLocation)
  }
}
