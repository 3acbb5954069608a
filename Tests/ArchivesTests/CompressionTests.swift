import Archives
import Foundation
import NIOCore
import Testing
import TestSupport

@Suite("Compressed streams")
struct CompressionTests {
  static let sample: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

  @Test(
    "what is compressed is decompressed again, whatever the size of pieces", arguments: [1, 1000, Int.max], [1, 6, 9])
  func roundTrip(pieceSize: Int, level: Int) throws {
    let bytes = Array(Self.sample.prefix(pieceSize == 1 ? 5000 : .max))
    let compressed = gzip(bytes, level: level, pieceSize: pieceSize)
    #expect(try decompress(compressed, pieceSize: pieceSize) == bytes)
  }

  @Test("the gzip command reads what is written, and is read")
  func realGzip() async throws {
    try await withTemporaryFolder { folder in
      try Data(gzip(Self.sample)).write(to: URL(filePath: folder + "/ours.gz"))
      #expect(try run("gzip", ["--decompress", "--stdout", "ours.gz"], in: folder) == Self.sample)
      try Data(Self.sample).write(to: URL(filePath: folder + "/plain"))
      let theirs = try #require(try run("gzip", ["--stdout", "plain"], in: folder))
      #expect(try decompress(theirs, pieceSize: 777) == Self.sample)
    }
  }

  @Test("the same bytes are compressed to the same bytes, without time and name")
  func deterministic() {
    #expect(gzip(Self.sample) == gzip(Self.sample, pieceSize: 4096))
    #expect(Array(gzip([]).prefix(8)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
  }

  @Test("members follow each other, and zeros may follow them", arguments: [1, 7, Int.max])
  func members(pieceSize: Int) throws {
    let stream = gzip([1, 2]) + gzip([]) + gzip([3]) + [0, 0, 0, 0]
    #expect(try decompress(stream, pieceSize: pieceSize) == [1, 2, 3])
  }

  @Test("something else behind a member is refused", arguments: [[UInt8(1)], [0, 1], [0x1f, 0x8c]])
  func garbageBehind(garbage: [UInt8]) {
    let error = #expect(throws: ArchiveError.self) { try decompress(gzip([1, 2, 3]) + garbage) }
    #expect(error?.code == .corrupt)
  }

  @Test("a stream that was cut is not whole", arguments: [5, 12, 100, 1])
  func truncatedGzip(missing: Int) {
    let error = #expect(throws: ArchiveError.self) { try decompress(gzip(Self.sample).dropLast(missing)) }
    #expect(error?.code == .truncated)
  }

  @Test("a damaged stream is refused, by its checksum where nothing else shows it")
  func damagedGzip() {
    var stream = gzip(Self.sample)
    stream[stream.count - 6] ^= 1
    let error = #expect(throws: ArchiveError.self) { try decompress(stream) }
    #expect(error?.code == .corrupt)
  }

  @Test(
    "Zstandard is read: frames one behind the other, skippable ones before and among them",
    arguments: [1, 500, Int.max])
  func zstd(pieceSize: Int) async throws {
    try await withTemporaryFolder { folder in
      let bytes = Array(Self.sample.prefix(pieceSize == 1 ? 3000 : .max))
      try Data(bytes).write(to: URL(filePath: folder + "/plain"))
      let frame = try #require(try run("zstd", ["--quiet", "--stdout", "plain"], in: folder))
      let skippable: [UInt8] = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]
      let stream = skippable + frame + skippable + frame
      #expect(try decompress(stream, pieceSize: pieceSize) == bytes + bytes)
      let cut = #expect(throws: ArchiveError.self) { try decompress(stream.dropLast(2)) }
      #expect(cut?.code == .truncated)
      var damaged = frame
      damaged[damaged.count - 1] ^= 1
      let error = #expect(throws: ArchiveError.self) { try decompress(damaged) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test("a Zstandard frame that asks for a window of 2 GiB is refused")
  func largeWindow() {
    // Frame header without single segment, window descriptor for an exponent of 21.
    let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 1, 0, 0]
    let error = #expect(throws: ArchiveError.self) { try decompress(frame) }
    #expect(error?.code == .corrupt)
  }

  @Test(
    "what is not compressed passes as it is",
    arguments: [[], [1], [0x1f], [0x28, 0xb5, 0x2f], Array("plain text".utf8)])
  func plain(bytes: [UInt8]) throws {
    for pieceSize in [1, Int.max] { #expect(try decompress(bytes, pieceSize: pieceSize) == bytes) }
  }

  @Test("how a stream is compressed is known after four bytes")
  func recognition() throws {
    let decompressor = Decompressor()
    #expect(decompressor.compression == nil)
    try decompressor.decode(ByteBuffer(bytes: [0x1f, 0x8b])) { _ in }
    #expect(decompressor.compression == nil)
    try decompressor.decode(ByteBuffer(bytes: [8, 0])) { _ in }
    #expect(decompressor.compression == .gzip)
  }

  @Test("a bomb comes out in small pieces, and can be stopped")
  func bomb() throws {
    struct Enough: Error {}
    let encoder = GzipEncoder()
    var compressed = ByteBuffer()
    let zeros = ByteBuffer(repeating: 0, count: 1 << 20)
    for _ in 0..<64 { encoder.encode(zeros) { compressed.writeImmutableBuffer($0) } }
    encoder.finish { compressed.writeImmutableBuffer($0) }
    var largest = 0
    var total = 0
    #expect(throws: Enough.self) {
      try GzipDecoder().decode(compressed) { piece in
        largest = max(largest, piece.readableBytes)
        total += piece.readableBytes
        if total > 8 << 20 { throw Enough() }
      }
    }
    #expect(largest <= 128 << 10)
    #expect(total <= 9 << 20)
  }

  private func gzip(_ bytes: [UInt8], level: Int = 6, pieceSize: Int = .max) -> [UInt8] {
    let encoder = GzipEncoder(level: level)
    var compressed: [UInt8] = []
    for piece in bytes.pieces(of: pieceSize) { encoder.encode(piece) { compressed += Array($0.readableBytesView) } }
    encoder.finish { compressed += Array($0.readableBytesView) }
    return compressed
  }

  private func decompress(_ bytes: some Sequence<UInt8>, pieceSize: Int = .max) throws -> [UInt8] {
    let decompressor = Decompressor()
    var result: [UInt8] = []
    for piece in Array(bytes).pieces(of: pieceSize) {
      try decompressor.decode(piece) { result += Array($0.readableBytesView) }
    }
    try decompressor.finish { result += Array($0.readableBytesView) }
    return result
  }
}
