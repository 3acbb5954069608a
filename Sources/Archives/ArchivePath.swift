/// A path or a link's target as an archive holds it: bytes, most often UTF-8.
///
/// Bytes are compared, because a file system tells names apart that text takes for equal. What the path leads to is not
/// looked at: it may be absolute, and it may hold `..`.
public struct ArchivePath: Hashable, Sendable {
  /// The bytes, none of which is zero where a `TarReader` made the path.
  public let bytes: [UInt8]

  /// Takes the bytes as they are.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Takes the UTF-8 of a text.
  public init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  /// The path for a message: quoted, printable, and cut where it is long.
  package var quoted: String {
    var text = "\""
    for byte in bytes.prefix(128) {
      let isPlain = (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
      text += isPlain ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text + (bytes.count > 128 ? "…\"" : "\"")
  }
}

extension ArchivePath: ExpressibleByStringLiteral {
  /// Takes the UTF-8 of a literal.
  public init(stringLiteral text: String) { self.init(text) }
}

extension ArchivePath: CustomStringConvertible {
  /// The path as text; bytes that are not UTF-8 are replaced.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension ArchivePath: Comparable {
  /// Orders by bytes.
  public static func < (left: ArchivePath, right: ArchivePath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
