import OCI
import Testing

@Suite struct RangeTests {
  @Test(
    arguments: [
      ("bytes=0-0", 10, 0..<1), ("bytes=0-9", 10, 0..<10), ("bytes=0-99", 10, 0..<10), ("bytes=9-", 10, 9..<10),
      ("bytes=-1", 10, 9..<10), ("bytes=-99", 10, 0..<10), ("Bytes=2-3", 10, 2..<4), ("bytes= 2-3", 10, 2..<4),
      ("bytes=0-9223372036854775807", 10, 0..<10),
    ] as [(String, Int64, Range<Int64>)])
  func `a range names the bytes it says`(header: String, size: Int64, expected: Range<Int64>) throws {
    #expect(try ByteRange.parse(header)?.resolved(size: size) == expected)
  }

  @Test(
    arguments: [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-0", 0), ("bytes=-5", 0)]
      as [(String, Int64)])
  func `a range outside the content names none of it`(header: String, size: Int64) throws {
    let range = try #require(try ByteRange.parse(header))
    #expect(range.resolved(size: size) == nil)
  }

  @Test(arguments: ["items=0-1", "bytes", "", "bytes=0-1,3-4", "bytes=,"])
  func `another unit and several ranges are passed over`(header: String) throws {
    #expect(try ByteRange.parse(header) == nil)
  }

  @Test(arguments: [
    "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=--5", "bytes=+1-2", "bytes=1", "bytes=0x1-2", "bytes=1-2-3",
    "bytes=99999999999999999999-", "bytes=1 -2", "bytes=-1-", "bytes=１-２",
  ])
  func `what is no range of bytes is refused`(header: String) {
    #expect(throws: InvalidByteRange.self) { try ByteRange.parse(header) }
  }

  @Test(
    arguments: [("0-0", 0, 1), ("0-99", 0, 100), ("100-199", 100, 100), ("bytes 5-9/10", 5, 5), ("bytes 5-9/*", 5, 5)]
      as [(String, Int64, Int64)])
  func `a chunk's range says where it goes and how long it is`(header: String, first: Int64, count: Int64) throws {
    let range = try ChunkRange(parsing: header)
    #expect(range.first == first)
    #expect(range.count == count)
  }

  @Test(arguments: [
    "", "-", "0-", "-5", "a-b", "5-4", "0--1", "bytes */10", "0-9223372036854775807", "1-99999999999999999999",
  ])
  func `what is no chunk's range is refused`(header: String) {
    #expect(throws: InvalidByteRange.self) { try ChunkRange(parsing: header) }
  }
}
