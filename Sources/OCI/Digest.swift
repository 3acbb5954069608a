/// What identifies content: an algorithm and the bytes it yields (OCI image spec, descriptor, "Digests").
///
/// A digest is parsed once, at the edge, and kept as bytes, so that a path made from one can hold nothing but hex.
public struct Digest: Hashable, Sendable {
  /// The algorithms of the image spec's registry that are required or recommended.
  public enum Algorithm: String, CaseIterable, Sendable {
    case sha256
    case sha512

    /// The length of a digest, in bytes.
    public var byteCount: Int {
      switch self {
      case .sha256: 32
      case .sha512: 64
      }
    }
  }

  /// The algorithm that made the bytes.
  public let algorithm: Algorithm
  /// As many bytes as the algorithm yields.
  public let bytes: [UInt8]

  /// Takes bytes that an algorithm yielded, or nil where their number is not the algorithm's.
  public init?(algorithm: Algorithm, bytes: [UInt8]) {
    guard bytes.count == algorithm.byteCount else { return nil }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// Reads `algorithm:hex`, lower case, of exactly the algorithm's length.
  public init(parsing text: some StringProtocol) throws(InvalidDigest) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw InvalidDigest(text, "it has no ':' between algorithm and hex") }
    guard let algorithm = Algorithm.allCases.first(where: { $0.rawValue.utf8.elementsEqual(parts[0]) }) else {
      throw InvalidDigest(text, "the algorithm is not one of \(Algorithm.allCases.map(\.rawValue))")
    }
    guard parts[1].count == algorithm.byteCount * 2 else {
      throw InvalidDigest(text, "\(algorithm) takes \(algorithm.byteCount * 2) hex digits, not \(parts[1].count)")
    }
    guard let bytes = Hex.decode(parts[1]) else {
      throw InvalidDigest(text, "only the digits 0-9 and a-f may stand after the ':'")
    }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// The bytes in lower-case hex, without the algorithm.
  public var hex: String { Hex.encode(bytes) }
}

extension Digest: CustomStringConvertible {
  /// The form of the spec, `algorithm:hex`.
  public var description: String { "\(algorithm.rawValue):\(hex)" }
}

extension Digest: Comparable {
  /// The order of the text form, without making it.
  public static func < (left: Digest, right: Digest) -> Bool {
    left.algorithm == right.algorithm
      ? left.bytes.lexicographicallyPrecedes(right.bytes)
      : left.algorithm.rawValue < right.algorithm.rawValue
  }
}

/// Why a text is not a digest.
public struct InvalidDigest: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol, _ reason: String) {
    description = "\(quoted(text)) is not a digest: \(reason); a digest reads like sha256:<64 hex digits>"
  }
}

enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[index * 2] = digits[Int(byte >> 4)]
        buffer[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }

  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      guard let value = value(of: character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
