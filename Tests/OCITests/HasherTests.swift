import struct Crypto.SHA256
import TestSupport
import Testing

@testable import OCI

/// Each is compared with what swift-crypto makes of the same bytes.
@Suite struct HasherTests {
  private static func expected(_ bytes: [UInt8]) -> Digest {
    SHA256.hash(data: bytes).withUnsafeBytes { Digest(algorithm: .sha256, bytes: $0)! }
  }

  private static var ways: [Bool] { SHA256Blocks.isAvailable ? [true, false] : [false] }

  /// The examples of FIPS 180-4's companion, in which the padding falls into the same block and into one of its own.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `examples have the digests that the standard gives them`(text: String, digest: String) {
    for usesInstructions in Self.ways {
      var hasher = Digest.Hasher(.sha256, usesInstructions: usesInstructions)
      Array(text.utf8).withUnsafeBytes { hasher.update($0) }
      #expect(hasher.finalize().description == "sha256:\(digest)")
    }
  }

  @Test func `bytes of every length up to some blocks have their digest`() {
    var numbers = SeededNumbers(seed: 1)
    for count in 0...300 {
      let bytes = Sample.bytes(count, seed: numbers.next())
      #expect(Digest.of(bytes) == Self.expected(bytes), "\(count) bytes")
    }
  }

  @Test func `pieces of any lengths make the digest of the whole, and a copy is a state to go back to`() {
    var numbers = SeededNumbers(seed: 2)
    for _ in 0..<300 {
      let bytes = Sample.bytes(.random(in: 0...2_000, using: &numbers), seed: numbers.next())
      let mark = Int.random(in: 0...bytes.count, using: &numbers)
      for usesInstructions in Self.ways {
        var hasher = Digest.Hasher(.sha256, usesInstructions: usesInstructions)
        var (copy, position) = (hasher, 0)
        while position < bytes.count {
          if position == mark { copy = hasher }
          let furthest = position < mark ? mark : bytes.count
          let end = Int.random(in: position + 1...min(furthest, position + 200), using: &numbers)
          bytes[position..<end].withUnsafeBytes { hasher.update($0) }
          position = end
        }
        if mark == bytes.count { copy = hasher }
        #expect(hasher.finalize() == Self.expected(bytes))
        #expect(copy.finalize() == Self.expected(Array(bytes[..<mark])))
      }
    }
  }

  @Test func `two at the same time have the digests that each has alone`() {
    var numbers = SeededNumbers(seed: 3)
    for _ in 0..<300 {
      let all = (0..<2).map { _ in Sample.bytes(.random(in: 0...2_000, using: &numbers), seed: numbers.next()) }
      for ways in Self.ways.flatMap({ first in Self.ways.map { (first, $0) } }) {
        var first = Digest.Hasher(.sha256, usesInstructions: ways.0)
        var second = Digest.Hasher(.sha256, usesInstructions: ways.1)
        var (one, other) = (all[0][...], all[1][...])
        while !one.isEmpty || !other.isEmpty {
          let counts = (Int.random(in: 0...300, using: &numbers), Int.random(in: 0...300, using: &numbers))
          one.prefix(counts.0).withUnsafeBytes { ones in
            other.prefix(counts.1).withUnsafeBytes { Digest.Hasher.update(&first, ones, &second, $0) }
          }
          (one, other) = (one.dropFirst(counts.0), other.dropFirst(counts.1))
        }
        #expect(first.finalize() == Self.expected(all[0]))
        #expect(second.finalize() == Self.expected(all[1]))
      }
    }
  }

  @Test func `a hasher of sha512 goes along with one of sha256`() {
    let bytes = Array(repeating: UInt8(7), count: 1_000)
    var (short, long) = (Digest.Hasher(.sha256), Digest.Hasher(.sha512))
    bytes.withUnsafeBytes { Digest.Hasher.update(&short, $0, &long, $0) }
    #expect(short.finalize() == Self.expected(bytes))
    #expect(long.finalize() == Digest.of(bytes, algorithm: .sha512))
  }
}
