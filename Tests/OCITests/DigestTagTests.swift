import OCI
import Testing

@Suite("Tags that were made of digests")
struct DigestTagTests {
  private static let short = Digest.of([1])
  private static let long = Digest.of([1], algorithm: .sha512)

  @Test("a list of referrers has the algorithm and 64 hex digits of its subject, as the specification says")
  func lists() throws {
    let a = String(repeating: "a", count: 64)
    #expect(Tag(referrersOf: try Digest(parsing: "sha256:\(a)")).value == "sha256-\(a)")
    #expect(Tag(referrersOf: try Digest(parsing: "sha512:\(a)\(a)")).value == "sha512-\(a)")
    for digest in [Self.short, Self.long] {
      let tag = try #require(DigestTag(Tag(referrersOf: digest)))
      #expect(tag.isList && tag.digests.contains(digest))
    }
  }

  @Test(
    "what says a whole digest says it, whatever its suffix", arguments: ["", ".sig", ".att", ".sbom", "..", ".a.b"])
  func whole(_ suffix: String) throws {
    let tag = try #require(DigestTag(try Tag(parsing: "sha256-\(Self.short.hex)\(suffix)")))
    #expect(tag.digest == Self.short && tag.digests == Self.short...Self.short)
    #expect(tag.isList == suffix.isEmpty)
  }

  @Test("of a long digest the tag says the beginning", arguments: [64, 65, 100, 117])
  func beginning(_ digits: Int) throws {
    let tag = try #require(DigestTag(try Tag(parsing: "sha512-\(Self.long.hex.prefix(digits)).sig")))
    #expect(tag.digest == nil && !tag.isList)
    #expect(tag.digests.contains(Self.long))
    #expect(!tag.digests.contains(Digest.of([2], algorithm: .sha512)) && !tag.digests.contains(Self.short))
    let other = Self.long.hex.prefix(digits - 1) + (Self.long.hex.dropFirst(digits - 1).first == "0" ? "1" : "0")
    #expect(DigestTag(try Tag(parsing: "sha512-\(other)"))?.digests.contains(Self.long) == false)
  }

  @Test(
    "other tags stand for themselves",
    arguments: [
      "latest", "sha256", "sha256-", "sha256-abc", "sha256-\(short.hex)0", "sha256-\(short.hex.dropLast())",
      "sha256-\(short.hex.dropLast())g", "sha256-\(short.hex.uppercased())", "sha256_\(short.hex)",
      "sha256-\(short.hex)-sig", "sha384-\(short.hex)", "v-sha256-\(short.hex)", "sha512-\(long.hex.prefix(63))",
    ])
  func others(_ name: String) throws {
    #expect(DigestTag(try Tag(parsing: name)) == nil)
  }
}
