internal import CSHA256

/// SHA-256 by the processor's own instructions (FIPS 180-4), one hash alone or two at the same time.
struct SHA256Blocks: Sendable {
  /// Whether this processor has them.
  static let isAvailable = csha256_is_available()

  private static let blockSize = 64

  /// The hash of all whole blocks.
  private var words: SIMD8<UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes behind them, which fill no block.
  private var rest = SIMD64<UInt8>()
  private var count: UInt64 = 0

  private var restCount: Int { Int(count % UInt64(Self.blockSize)) }

  /// Takes the next bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let bytes = fillingRest(bytes)
    let blocks = bytes.count / Self.blockSize
    if blocks > 0 { add(bytes, blocks) }
    keepRest(of: bytes, behind: blocks)
  }

  /// Takes the next bytes of two hashes, as far as they have as many in less time than one after the other.
  static func update(
    _ first: inout SHA256Blocks, _ firstBytes: UnsafeRawBufferPointer,
    _ second: inout SHA256Blocks, _ secondBytes: UnsafeRawBufferPointer
  ) {
    let (firstBytes, secondBytes) = (first.fillingRest(firstBytes), second.fillingRest(secondBytes))
    let blocks = min(firstBytes.count, secondBytes.count) / blockSize
    if blocks > 0 {
      first.withWords { firstWords in
        second.withWords { secondWords in
          csha256_add_two(firstWords, firstBytes.start, secondWords, secondBytes.start, blocks)
        }
      }
      first.count += UInt64(blocks * blockSize)
      second.count += UInt64(blocks * blockSize)
    }
    first.update(UnsafeRawBufferPointer(rebasing: firstBytes[(blocks * blockSize)...]))
    second.update(UnsafeRawBufferPointer(rebasing: secondBytes[(blocks * blockSize)...]))
  }

  /// The 32 bytes of the hash of everything taken.
  func finalize() -> [UInt8] {
    var padded = self
    // A bit, zeros, and the number of bits in the last eight bytes of a block (FIPS 180-4, section 5.1.1).
    var padding = [UInt8](repeating: 0, count: 1 + (2 * Self.blockSize - 9 - restCount) % Self.blockSize)
    padding[0] = 0x80
    withUnsafeBytes(of: (count * 8).bigEndian) { padding += $0 }
    padding.withUnsafeBytes { padded.update($0) }
    return (0..<8).flatMap { word in withUnsafeBytes(of: padded.words[word].bigEndian, Array.init) }
  }

  private mutating func withWords(_ body: (UnsafeMutablePointer<UInt32>) -> Void) {
    withUnsafeMutableBytes(of: &words) { body($0.baseAddress!.assumingMemoryBound(to: UInt32.self)) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer, _ blocks: Int) {
    withWords { csha256_add($0, bytes.start, blocks) }
    count += UInt64(blocks * Self.blockSize)
  }

  /// Completes the block that is begun, and answers what is left of the bytes; none where it is not completed.
  private mutating func fillingRest(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let begun = restCount
    guard begun > 0, bytes.count > 0 else { return bytes }
    let taken = min(bytes.count, Self.blockSize - begun)
    keep(bytes.prefix(taken), at: begun)
    if begun + taken == Self.blockSize {
      withUnsafeBytes(of: rest) { block in withWords { csha256_add($0, block.start, 1) } }
    }
    count += UInt64(taken)
    return UnsafeRawBufferPointer(rebasing: bytes[taken...])
  }

  private mutating func keepRest(of bytes: UnsafeRawBufferPointer, behind blocks: Int) {
    let left = bytes[(blocks * Self.blockSize)...]
    guard !left.isEmpty else { return }
    keep(left, at: 0)
    count += UInt64(left.count)
  }

  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>, at offset: Int) {
    withUnsafeMutableBytes(of: &rest) { rest in
      UnsafeMutableRawBufferPointer(rebasing: rest[offset...]).copyBytes(from: bytes)
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var start: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
