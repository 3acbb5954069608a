/// How bytes are compressed, as their first bytes tell.
public enum Compression: Hashable, Sendable {
  /// Not at all, or in a way that is not read here.
  case none
  /// gzip (RFC 1952).
  case gzip
  /// Zstandard (RFC 8878).
  case zstd

  /// How many bytes it takes to tell.
  static let magicByteCount = 4

  /// Tells by the first bytes, of which there are four where the stream has so many.
  init(magic: some Collection<UInt8>) {
    let magic = Array(magic)
    if magic.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) || Self.isSkippableFrame(magic) {
      self = .zstd
    } else {
      self = .none
    }
  }

  /// Frames that carry something else than content may come first (RFC 8878, section 3.1.2).
  private static func isSkippableFrame(_ magic: [UInt8]) -> Bool {
    magic.count >= 4 && magic[0] & 0xf0 == 0x50 && magic[1...3] == [0x2a, 0x4d, 0x18]
  }
}
