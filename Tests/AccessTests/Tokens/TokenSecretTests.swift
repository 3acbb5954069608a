import Crypto
import Testing

@testable import Access

@Suite("Secrets of tokens")
struct TokenSecretTests {
  /// The checksum was computed by zlib's `crc32` of what stands before it.
  private static let known = "berth_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ30k2G9"

  @Test("are 48 characters that a scanner for secrets knows")
  func form() throws {
    for _ in 0..<1000 {
      let text = TokenSecret().reveal()
      #expect(try /\bberth_[0-9A-Za-z]{42}\b/.wholeMatch(in: text) != nil)
      #expect(TokenSecret(parsing: text)?.reveal() == text)
    }
  }

  @Test("are never the same twice, and use all digits in all places")
  func random() {
    let secrets = (0..<2000).map { _ in Array(TokenSecret().reveal().utf8) }
    #expect(Set(secrets).count == secrets.count)
    for place in 6..<42 { #expect(Set(secrets.map { $0[place] }).count == 62) }
  }

  @Test("carry the CRC-32 of what stands before it")
  func knownAnswer() {
    #expect(CRC32.checksum("123456789".utf8) == 0xcbf4_3926)
    #expect(TokenSecret(parsing: Self.known)?.reveal() == Self.known)
  }

  @Test("are refused with any one character changed")
  func typos() {
    for place in Self.known.indices {
      for other in "0aZ_" where other != Self.known[place] {
        var text = Self.known
        text.replaceSubrange(place...place, with: [other])
        #expect(TokenSecret(parsing: text) == nil)
      }
    }
  }

  @Test(
    "are refused with other lengths, characters and prefixes",
    arguments: [
      "", "berth_", known + "0", String(known.dropLast()), " " + known, known + "\n", known + "\0",
      "BERTH_" + known.dropFirst(6), "ghp_" + known.dropFirst(4), String(known.dropFirst(6)),
      "berth_" + String(repeating: "é", count: 21), "berth_" + String(repeating: "-", count: 42),
      String(repeating: known, count: 100_000),
    ])
  func refused(text: String) {
    #expect(TokenSecret(parsing: text) == nil)
  }

  @Test("are stored as the SHA-256 of their text")
  func hash() {
    let secret = TokenSecret()
    #expect(secret.hash == Array(SHA256.hash(data: Array(secret.reveal().utf8))))
    #expect(secret.hash.count == 32)
    #expect(TokenSecret(parsing: Self.known)?.hash.prefix(4) == [0x1b, 0x79, 0x99, 0xf0])
  }

  @Test("are not shown by printing and reflection")
  func secrecy() {
    let secret = TokenSecret()
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
      #expect(!text.contains(secret.reveal().dropFirst(6).prefix(8)))
    }
    #expect("\(secret)" == "berth_…")
  }
}
