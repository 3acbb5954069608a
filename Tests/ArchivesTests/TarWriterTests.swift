import Archives
import Foundation
import NIOCore
import Testing
import TestSupport

@Suite("Writing tar archives")
struct TarWriterTests {
  static let long = String(repeating: "p", count: 140)

  @Test(
    "what is written is read again as it was",
    arguments: [
      TarEntry(path: "file", mode: 0o4755, userID: 1000, groupID: 100, userName: "user", groupName: "users"),
      TarEntry(path: "dir/", kind: .directory),
      TarEntry(path: "link", kind: .symbolicLink(to: "/absolute/target")),
      TarEntry(path: "link", kind: .symbolicLink(to: ArchivePath(long + long))),
      TarEntry(path: "second", kind: .hardLink(to: "fïle")),
      TarEntry(path: "null", kind: .characterDevice(major: 1, minor: 3)),
      TarEntry(path: "disk", kind: .blockDevice(major: 8, minor: 0)),
      TarEntry(path: "pipe", kind: .fifo),
      TarEntry(path: ArchivePath(long + "/name")),
      TarEntry(path: ArchivePath(long + "/" + long)),
      TarEntry(path: ArchivePath("/" + long)),
      TarEntry(path: ArchivePath(long + "/dir/"), kind: .directory),
      TarEntry(path: "日本語", modified: TarEntry.Time(seconds: 1, nanoseconds: 5)),
      TarEntry(path: "old", modified: TarEntry.Time(seconds: -1, nanoseconds: 999_999_999)),
      TarEntry(path: "future", modified: TarEntry.Time(seconds: 1 << 40)),
      TarEntry(
        path: "attributes", extendedAttributes: ["user.b": [0, 10, 61], "user.a": Array(repeating: 1, count: 95)]),
    ])
  func roundTrip(entry: TarEntry) throws {
    #expect(try TarListing(reading: try tar([(entry, [])])).entries == [entry])
  }

  @Test("a directory's path gets the slash that tar readers look for")
  func directories() throws {
    let archive = try tar([(TarEntry(path: "etc", kind: .directory), [])])
    #expect(try TarListing(reading: archive).entries.map(\.path) == ["etc/"])
  }

  @Test(
    "PAX records count their own length, at every number of digits",
    arguments: [80, 81, 82, 83, 84, 85, 980, 981, 982, 983, 984])
  func recordLengths(length: Int) throws {
    let entry = TarEntry(path: ArchivePath("é" + String(repeating: "x", count: length)))
    #expect(try TarListing(reading: try tar([(entry, [])])).entries == [entry])
  }

  @Test("the tar command unpacks what is written")
  func realReader() async throws {
    try await withTemporaryFolder { folder in
      let name = "\(Self.long)/日本語"
      let archive = try tar([
        (TarEntry(path: ArchivePath(Self.long), kind: .directory), []),
        (TarEntry(path: ArchivePath(name), size: 5), Array("hello".utf8)),
        (TarEntry(path: "link", kind: .symbolicLink(to: ArchivePath(name))), []),
      ])
      try Data(archive).write(to: URL(filePath: folder + "/archive"))
      _ = try #require(try run("tar", ["--extract", "--file", "archive"], in: folder))
      #expect(try String(contentsOfFile: folder + "/link", encoding: .utf8) == "hello")
    }
  }

  @Test("the same entries are the same bytes, and end with two blocks of zeros")
  func deterministic() throws {
    let entry = TarEntry(path: "é", size: 1, extendedAttributes: ["b": [1], "a": [2], "c": [3], "d": [4]])
    let archive = try tar([(entry, [1])])
    for _ in 0..<10 { #expect(try tar([(entry, [1])]) == archive) }
    #expect(archive.suffix(1024).allSatisfy { $0 == 0 })
    #expect(archive.count.isMultiple(of: 512))
  }

  @Test("content must be as long as its entry says")
  func sizes() throws {
    var writer = TarWriter()
    _ = try writer.begin(TarEntry(path: "a", size: 2))
    #expect(throws: ArchiveError.self) { try writer.write(ByteBuffer(bytes: [1, 2, 3])) }
    #expect(throws: ArchiveError.self) { try writer.finish() }
    #expect(throws: ArchiveError.self) { try writer.begin(TarEntry(path: "b")) }
    _ = try writer.write(ByteBuffer(bytes: [1, 2]))
    _ = try writer.finish()
  }

  @Test(
    "what a tar archive cannot hold is refused",
    arguments: [
      TarEntry(path: "dir", kind: .directory, size: 1), TarEntry(path: "a", size: -1), TarEntry(path: ""),
      TarEntry(path: "a\0b"), TarEntry(path: "dev", kind: .characterDevice(major: .max, minor: 0)),
    ])
  func impossible(entry: TarEntry) {
    var writer = TarWriter()
    #expect(throws: ArchiveError.self) { try writer.begin(entry) }
  }
}
