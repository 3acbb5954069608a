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

  /// Nearly all digests are of 32 bytes, and some questions are about hundreds of thousands of them: those bytes lie in
  /// the digest itself.
  private enum Value: Hashable {
    case sha256(UInt64, UInt64, UInt64, UInt64)
    case sha512([UInt8])
  }

  private let value: Value

  /// The algorithm that made the bytes.
  public var algorithm: Algorithm {
    switch value {
    case .sha256: .sha256
    case .sha512: .sha512
    }
  }

  /// As many bytes as the algorithm yields.
  public var bytes: [UInt8] { withBytes { Array($0) } }

  /// Takes bytes that an algorithm yielded, or nil where their number is not the algorithm's.
  public init?(algorithm: Algorithm, bytes: [UInt8]) {
    guard let digest = bytes.withUnsafeBytes({ Digest(algorithm: algorithm, bytes: $0) }) else { return nil }
    self = digest
  }

  /// Takes bytes that an algorithm yielded, or nil where their number is not the algorithm's.
  public init?(algorithm: Algorithm, bytes: UnsafeRawBufferPointer) {
    guard bytes.count == algorithm.byteCount else { return nil }
    switch algorithm {
    case .sha256:
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
      value = .sha256(word(0), word(1), word(2), word(3))
    case .sha512: value = .sha512(Array(bytes))
    }
  }

  /// Lends the bytes for the length of the call.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch value {
    case .sha256(let first, let second, let third, let fourth):
      try withUnsafeBytes(of: (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian), body)
    case .sha512(let bytes): try bytes.withUnsafeBytes(body)
    }
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
    guard let bytes = Hex.decode(parts[1]), let digest = Digest(algorithm: algorithm, bytes: bytes) else {
      throw InvalidDigest(text, "only the digits 0-9 and a-f may stand after the ':'")
    }
    self = digest
  }

  /// The bytes in lower-case hex, without the algorithm.
  public var hex: String { withBytes { Hex.encode($0) } }
}

extension Digest: CustomStringConvertible {
  /// The form of the spec, `algorithm:hex`.
  public var description: String { withBytes { Hex.encode($0, behind: "\(algorithm.rawValue):") } }
}

extension Digest: Comparable {
  /// The order of the text form, without making it.
  public static func < (left: Digest, right: Digest) -> Bool {
    switch (left.value, right.value) {
    case (.sha256(let a, let b, let c, let d), .sha256(let e, let f, let g, let h)): (a, b, c, d) < (e, f, g, h)
    case (.sha512(let left), .sha512(let right)): left.lexicographicallyPrecedes(right)
    case (.sha256, .sha512): true
    case (.sha512, .sha256): false
    }
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
  /// The digits of some bytes, behind a word.
  static func encode(_ bytes: some Collection<UInt8>, behind word: String = "") -> String {
    String(unsafeUninitializedCapacity: word.utf8.count + bytes.count * 2) { buffer in
      var place = buffer.update(fromContentsOf: word.utf8)
      for byte in bytes {
        buffer[place] = digit(byte >> 4)
        buffer[place + 1] = digit(byte & 15)
        place += 2
      }
      return place
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
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
