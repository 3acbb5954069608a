import Archives
import Foundation
import NIOCore
import Testing
import TestSupport

@Suite("Reading tar archives")
struct TarReaderTests {
  @Test(
    "what the tar command writes is read, whatever the dialect and the size of pieces",
    arguments: ["v7", "ustar", "gnu", "oldgnu", "pax"], [1, 511, 4096, Int.max])
  func realArchives(format: String, pieceSize: Int) async throws {
    try await withTemporaryFolder { folder in
      let content = [UInt8](repeating: 7, count: 1025)
      let files = FileManager.default
      try files.createDirectory(atPath: folder + "/etc/sub", withIntermediateDirectories: true)
      try Data(content).write(to: URL(filePath: folder + "/etc/file"))
      try files.createSymbolicLink(atPath: folder + "/etc/link", withDestinationPath: "../file")
      try files.linkItem(atPath: folder + "/etc/file", toPath: folder + "/etc/second")
      let archive = try #require(
        try run(
          "tar", ["--create", "--format", format, "--sort=name", "--mtime=@1700000000", "--owner=root:0", "etc"],
          in: folder))
      let listing = try TarListing(reading: archive, pieceSize: pieceSize)
      #expect(listing.entries.map(\.path) == ["etc/", "etc/file", "etc/link", "etc/second", "etc/sub/"])
      #expect(listing["etc/"]?.kind == .directory)
      #expect(listing["etc/link"]?.kind == .symbolicLink(to: "../file"))
      #expect(listing["etc/second"]?.kind == .hardLink(to: "etc/file"))
      #expect(listing["etc/second"]?.size == 0)
      #expect(listing["etc/file"]?.size == 1025)
      #expect(listing["etc/file"]?.userName == (format == "v7" ? "" : "root"))
      #expect(listing.entries.allSatisfy { $0.modified == TarEntry.Time(seconds: 1_700_000_000) })
      #expect(listing.contents == ["etc/file": content])
    }
  }

  @Test("long names and targets are read in both ways of writing them", arguments: ["gnu", "pax"])
  func longNames(format: String) async throws {
    try await withTemporaryFolder { folder in
      let part = String(repeating: "d", count: 120)
      let name = "\(part)/\(part)/naïve"
      let files = FileManager.default
      try files.createDirectory(atPath: "\(folder)/\(part)/\(part)", withIntermediateDirectories: true)
      try Data("x".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
      try files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: name)
      let archive = try #require(try run("tar", ["--create", "--format", format, "link", name], in: folder))
      let listing = try TarListing(reading: archive, pieceSize: 700)
      #expect(listing.entries.map(\.path) == ["link", ArchivePath(name)])
      #expect(listing["link"]?.kind == .symbolicLink(to: ArchivePath(name)))
      #expect(listing.contents == [ArchivePath(name): Array("x".utf8)])
    }
  }

  @Test("PAX says times, owners and attributes that a ustar header cannot")
  func extendedHeaders() throws {
    let entry = TarEntry(
      path: "bin/ping", userID: 3_000_000_000, groupID: 5_000_000, userName: "josé", size: 3,
      modified: TarEntry.Time(seconds: -2, nanoseconds: 250_000_000),
      extendedAttributes: ["security.capability": [1, 0, 10, 61]])
    let listing = try TarListing(reading: try tar([(entry, [1, 2, 3])]), pieceSize: 100)
    #expect(listing.entries == [entry])
  }

  @Test("a size of more than 8 GiB is read from PAX and from base 256")
  func largeSizes() throws {
    let large = TarEntry(path: "large", size: 1 << 40)
    var writer = TarWriter()
    let pax = Array(try writer.begin(large).readableBytesView)
    #expect(try firstEntry(of: pax)?.size == 1 << 40)
    let base256 = changing(try tar([(TarEntry(path: "large"), [])])) { block in
      block.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    }
    #expect(try firstEntry(of: base256)?.size == 1 << 40)
  }

  @Test("a path may hold what is not UTF-8, and no two paths become one")
  func bytesInPaths() throws {
    let paths = [
      ArchivePath(bytes: [0x66, 0xff]), ArchivePath(bytes: [0x66, 0xfe]), "cafe\u{301}", "caf\u{e9}",
    ]
    let listing = try TarListing(reading: try tar(paths.map { (TarEntry(path: $0), []) }))
    #expect(listing.entries.map(\.path) == paths)
    #expect(Set(paths).count == 4)
  }

  @Test(
    "an archive may end behind an entry, with one block of zeros, with two, or with more",
    arguments: [0, 512, 1024, 9216])
  func ends(zeros: Int) throws {
    let whole = try tar([(TarEntry(path: "a", size: 1), [1])])
    let archive = whole.dropLast(1024) + [UInt8](repeating: 0, count: zeros)
    #expect(try TarListing(reading: Array(archive), pieceSize: 512).entries.count == 1)
  }

  @Test("an archive of no bytes is empty")
  func empty() throws {
    #expect(try TarListing(reading: []).entries.isEmpty)
  }

  @Test("the offset behind an entry is where its content begins, and contents can be left out")
  func offsets() throws {
    let archive = try tar([
      (TarEntry(path: "a", size: 700), [UInt8](repeating: 1, count: 700)), (TarEntry(path: "b", size: 2), [8, 9]),
    ])
    var reader = TarReader()
    reader.append(ByteBuffer(bytes: archive[..<600]))
    guard case .entry(let first) = try reader.next() else { throw CommandFailed(command: "tar") }
    #expect(first.path == "a")
    #expect(reader.offset == 512)
    let skipped = Int(reader.skipContent())
    #expect(600 + skipped == 512 + 1024)
    reader.append(ByteBuffer(bytes: archive[(600 + skipped)...]))
    guard case .entry(let second) = try reader.next() else { throw CommandFailed(command: "tar") }
    #expect(second.path == "b")
    #expect(Array(archive[Int(reader.offset)...].prefix(2)) == [8, 9])
  }

  @Test("100,000 entries are read, and none is kept")
  func manyEntries() throws {
    var writer = TarWriter()
    let header = try writer.begin(TarEntry(path: "file"))
    var reader = TarReader()
    var count = 0
    for _ in 0..<100_000 {
      reader.append(header)
      while let event = try reader.next() { if case .entry = event { count += 1 } }
    }
    try reader.finish()
    #expect(count == 100_000)
  }

  private func firstEntry(of archive: [UInt8]) throws -> TarEntry? {
    var reader = TarReader()
    reader.append(ByteBuffer(bytes: archive))
    guard case .entry(let entry) = try reader.next() else { return nil }
    return entry
  }
}
