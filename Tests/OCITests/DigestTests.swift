import OCI
import Testing

@Suite struct DigestTests {
  static let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `a digest that was parsed is written as it was read`() throws {
    let digest = try Digest(parsing: Self.abc)
    #expect(digest.algorithm == .sha256)
    #expect(digest.description == Self.abc)
    #expect(digest == Digest.of(Array("abc".utf8)))
  }

  @Test func `sha512 is as good as sha256`() throws {
    let digest = Digest.of(Array("abc".utf8), algorithm: .sha512)
    #expect(digest.description.hasPrefix("sha512:ddaf35a193617aba"))
    #expect(try Digest(parsing: digest.description) == digest)
  }

  @Test(arguments: [
    "", "sha256", "sha256:", "abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:../../../../etc/passwd",
    "sha256:ba7816bf", abc + "00", abc.uppercased(), "SHA256" + abc.dropFirst(6), " " + abc, abc + " ",
    "sha256::" + abc.dropFirst(8), "sha512:" + abc.dropFirst(7), "sha256:" + String(repeating: "g", count: 64),
    "sha256:" + String(repeating: "é", count: 32), "sha256+b64u:" + String(repeating: "a", count: 64),
    "sha256:" + String(repeating: "/", count: 64), "sha256:" + String(repeating: "\0", count: 64),
  ])
  func `what is no digest is refused and named`(text: String) {
    let error = #expect(throws: InvalidDigest.self) { try Digest(parsing: text) }
    #expect(error?.description.contains("is not a digest") == true)
  }

  @Test func `a hash over pieces is the hash over the whole, and a copy is a state to go back to`() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for algorithm in Digest.Algorithm.allCases {
      var hasher = Digest.Hasher(algorithm)
      bytes[..<777].withUnsafeBytes { hasher.update($0) }
      let mark = hasher
      bytes[777...].withUnsafeBytes { hasher.update($0) }
      #expect(hasher.finalize() == Digest.of(bytes, algorithm: algorithm))
      #expect(mark.finalize() == Digest.of(Array(bytes[..<777]), algorithm: algorithm))
    }
  }

  @Test func `digests are in the order of their text`() {
    let digests = (0..<50).map { Digest.of([UInt8($0)], algorithm: $0.isMultiple(of: 3) ? .sha512 : .sha256) }
    #expect(digests.sorted().map(\.description) == digests.map(\.description).sorted())
  }
}
