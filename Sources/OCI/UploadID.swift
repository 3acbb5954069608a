/// Names an upload in progress; 128 random bits, so that nobody can guess another's.
public struct UploadID: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Makes a new one.
  public init() {
    var generator = SystemRandomNumberGenerator()
    bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }

  /// Reads 32 lower-case hex digits, or answers nil.
  public init?(parsing text: some StringProtocol) {
    guard text.utf8.count == 32, let bytes = Hex.decode(text.utf8) else { return nil }
    self.bytes = bytes
  }
}

extension UploadID: CustomStringConvertible {
  /// 32 lower-case hex digits.
  public var description: String { Hex.encode(bytes) }
}
