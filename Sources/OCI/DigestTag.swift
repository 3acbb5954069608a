/// What a tag says that a client made of a digest, to find under it what is about the manifest with that digest.
///
/// It is `<algorithm>-<hex>` for the list of all that refers to the manifest (OCI distribution spec, "Referrers Tag
/// Schema"), and has a suffix such as `.sig` for what cosign keeps. The specification takes 64 hex digits of a digest and
/// leaves out the rest of a longer one; some clients take as many as a tag can hold.
public struct DigestTag: Hashable, Sendable {
  /// How many hex digits the specification takes.
  fileprivate static let digitCount = 64

  /// The digests that the tag can have been made of: one, or all that begin alike where the tag says no more.
  public let digests: ClosedRange<Digest>
  /// Whether it names the list of all that refers to the manifest, which each registry keeps by itself, and not a
  /// signature or the like.
  public let isList: Bool

  /// Reads a tag; nil for one that stands for itself.
  public init?(_ tag: Tag) {
    let text = tag.value.utf8
    guard let dash = text.firstIndex(of: UInt8(ascii: "-")),
      let algorithm = Digest.Algorithm.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text[..<dash]) })
    else { return nil }
    let rest = text[text.index(after: dash)...]
    let hex = rest.prefix { $0 != UInt8(ascii: ".") }
    guard hex.count >= Self.digitCount, let first = Digest(algorithm, hex: hex, filler: UInt8(ascii: "0")),
      let last = Digest(algorithm, hex: hex, filler: UInt8(ascii: "f"))
    else { return nil }
    digests = first...last
    isList = hex.endIndex == rest.endIndex
  }

  /// The digest, where the tag says all of it.
  public var digest: Digest? { digests.lowerBound == digests.upperBound ? digests.lowerBound : nil }
}

extension Tag {
  /// The tag under which clients without the referrers API record what refers to a digest
  /// (OCI distribution spec, "Referrers Tag Schema"); all tags that were made of the digest begin like it.
  public init(referrersOf digest: Digest) {
    self.init(known: "\(digest.algorithm.rawValue)-\(digest.hex.prefix(DigestTag.digitCount))")
  }
}

extension Digest {
  /// The digest of which some hex digits are known; nil where these are no digits, or too many.
  fileprivate init?(_ algorithm: Algorithm, hex: Substring.UTF8View, filler: UInt8) {
    let unknown = algorithm.byteCount * 2 - hex.count
    guard unknown >= 0, let bytes = Hex.decode(Array(hex) + repeatElement(filler, count: unknown)) else { return nil }
    self.init(algorithm: algorithm, bytes: bytes)
  }
}
