/// What a tag holds that stands for another manifest: the list of its referrers, or what cosign keeps about it.
///
/// Such a tag is `sha256-<hex>`, with or without a suffix such as `.sig` (OCI distribution spec, "Referrers Tag Schema").
/// Of a digest as long as SHA-512's only the beginning fits into a tag.
public struct DigestTag: Hashable, Sendable {
  private static let byteCount = 32

  /// The algorithm of the digest.
  public let algorithm: Digest.Algorithm
  /// The digest's first bytes, all of a SHA-256 one.
  public let bytes: [UInt8]

  /// What the tags of a manifest's referrers hold.
  public init(of digest: Digest) {
    algorithm = digest.algorithm
    bytes = Array(digest.bytes.prefix(Self.byteCount))
  }

  /// Reads a tag; nil for one that is about no other manifest.
  public init?(_ tag: Tag) {
    guard let dash = tag.value.utf8.firstIndex(of: UInt8(ascii: "-")),
      let algorithm = Digest.Algorithm(rawValue: String(tag.value[..<dash]))
    else { return nil }
    let hex = tag.value[tag.value.index(after: dash)...].prefix { $0 != "." }.utf8
    guard hex.count >= Self.byteCount * 2, let bytes = Hex.decode(hex.prefix(Self.byteCount * 2)),
      hex.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// What all such tags of one digest begin with.
  public var prefix: String { "\(algorithm.rawValue)-\(Hex.encode(bytes))" }
}
