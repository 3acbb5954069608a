import Testing

@testable import Server

@Suite("Sizes")
struct ByteCountTests {
  @Test(
    "are read with binary and decimal units, in any letter case",
    arguments: [
      ("0", 0), ("4096", 4096), ("512KiB", 524_288), ("4MiB", 4_194_304), ("4 mib", 4_194_304), ("1GB", 1_000_000_000),
      ("1TiB", 1_099_511_627_776), ("10B", 10), ("3kB", 3_000),
    ])
  func units(text: String, bytes: Int) throws {
    #expect(try ByteCount(parsing: text).bytes == bytes)
  }

  @Test(
    "that mean nothing are refused",
    arguments: ["", "-1", "4M iB", "MiB", "4XB", "1.5MiB", "٤MiB", "4MiB ", "9223372036854775808", "9999999TiB"])
  func refused(text: String) {
    #expect(throws: InvalidValue.self) { try ByteCount(parsing: text) }
  }

  @Test("are written in the largest unit that is exact", arguments: ["0", "1", "32KiB", "4MiB", "1GB", "1025", "7kB"])
  func description(text: String) throws {
    #expect(try ByteCount(parsing: text).description == text)
  }
}
