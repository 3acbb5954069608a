internal import Crypto

/// The secret of a token: what a client sends, and what is shown once, when the token is made.
///
/// It is `berth_`, 36 random characters, and 6 that are the CRC-32 of what stands before them, so that a scanner for
/// secrets knows one when it sees it, and cut or mistyped text is refused without asking the catalogue. All are
/// letters and digits; for a scanner, the regular expression is
///
///     \bberth_[0-9A-Za-z]{42}\b
///
/// Neither printing nor reflection shows it; `reveal()` does.
public struct TokenSecret: Sendable {
  private static let prefix = "berth_"
  private static let randomLength = 36
  private static let checksumLength = 6
  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  private let text: String

  /// Makes a new one: 214 random bits of the system's generator.
  public init() {
    var bytes = Array(Self.prefix.utf8)
    // `randomElement` takes every digit with the same probability.
    for _ in 0..<Self.randomLength { bytes.append(Self.digits.randomElement()!) }
    text = String(decoding: bytes + Self.checksum(of: bytes), as: UTF8.self)
  }

  /// Reads what a client sent; nil for what cannot have been made by `init()`.
  public init?(parsing text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(Self.length + 1))
    guard bytes.count == Self.length, bytes.starts(with: Self.prefix.utf8),
      bytes.dropFirst(Self.prefix.utf8.count).allSatisfy({ Self.digits.contains($0) }),
      bytes.suffix(Self.checksumLength).elementsEqual(Self.checksum(of: bytes.dropLast(Self.checksumLength)))
    else { return nil }
    self.text = String(text)
  }

  /// SHA-256 of the text, which is what the catalogue stores and finds it by; 32 bytes.
  ///
  /// A fast hash is enough, because nobody can guess 214 bits.
  public var hash: [UInt8] {
    Array(SHA256.hash(data: Array(text.utf8)))
  }

  /// The text itself, for the one who made the token.
  public func reveal() -> String {
    text
  }

  private static let length = prefix.utf8.count + randomLength + checksumLength

  /// Six digits, the highest first.
  private static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var rest = Int(CRC32.checksum(bytes))
    var result: [UInt8] = []
    for _ in 0..<checksumLength {
      result.append(digits[rest % digits.count])
      rest /= digits.count
    }
    return result.reversed()
  }
}

extension TokenSecret: CustomStringConvertible, CustomReflectable {
  /// What stands for every secret.
  public var description: String { "berth_…" }

  /// No children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
