import Archives
import Layers
import NIOCore
import OCI
import Testing

@Suite("Reading layers")
struct LayerReaderTests {
  @Test(
    "a layer's entries, its uncompressed size and the digest that the config lists are read", arguments: [true, false])
  func reads(isCompressed: Bool) async throws {
    let bytes = try archive([("etc/a", [1, 2, 3]), ("var/lib/dpkg/status", Array("text".utf8))])
    let layer = try await Layer(reading: Pieces(bytes: isCompressed ? gzip(bytes) : bytes, size: 7))
    #expect(layer.entries.map(\.path) == ["etc/a", "var/lib/dpkg/status"])
    #expect(layer.entries[0].digest == Digest.of([1, 2, 3]))
    #expect(layer.contents == [1: Array("text".utf8)])
    #expect(layer.diffID == Digest.of(bytes))
    #expect(layer.uncompressedSize == Int64(bytes.count))
  }

  @Test("the digest counts what comes behind the archive's end")
  func trailingBytes() async throws {
    let bytes = try archive([("a", [1])]) + [UInt8](repeating: 0, count: 9000) + [7]
    let layer = try await Layer(reading: Pieces(bytes: gzip(bytes)))
    #expect(layer.diffID == Digest.of(bytes))
  }

  @Test("a layer of no bytes has no entries")
  func empty() async throws {
    let layer = try await Layer(reading: Pieces(bytes: []))
    #expect(layer.entries.isEmpty)
    #expect(layer.diffID == Digest.of([UInt8]()))
  }

  @Test("a layer that was cut is refused", arguments: [1, 30])
  func truncated(missing: Int) async throws {
    let bytes = gzip(try archive([("a", [1])]))
    await #expect(throws: ArchiveError.self) {
      try await Layer(reading: Pieces(bytes: bytes.dropLast(missing)))
    }
  }

  @Test("one entry's content can be sought")
  func seeks() async throws {
    let bytes = gzip(try archive([("a", [1]), ("b", [2, 3]), ("a", [4, 5, 6])]))
    var reader = LayerReader(Pieces(bytes: bytes, size: 11))
    #expect(try await reader.seek(toEntry: 2)?.path == "a")
    guard case .content(let content) = try await reader.next() else { throw Missing() }
    #expect(Array(content.readableBytesView) == [4, 5, 6])
    var second = LayerReader(Pieces(bytes: bytes))
    #expect(try await second.seek(toEntry: 3) == nil)
  }

  @Test("what expands a thousandfold is read")
  func expanding() async throws {
    let bytes = gzip(try archive([("zeros", [UInt8](repeating: 0, count: 4 << 20))]))
    #expect(bytes.count < 8192)
    let layer = try await Layer(reading: Pieces(bytes: bytes, size: .max >> 1))
    #expect(layer.entries[0].metadata.size == 4 << 20)
    #expect(layer.contents.isEmpty)
  }

  struct Missing: Error {}
}
