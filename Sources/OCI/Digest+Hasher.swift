internal import Crypto

extension Digest {
  /// Computes a digest over bytes that come in pieces.
  ///
  /// It is a value: a copy is a state to go back to.
  public struct Hasher: Sendable {
    private enum State: Sendable {
      case sha256Blocks(SHA256Blocks)
      case sha256(SHA256)
      case sha512(SHA512)
    }

    private var state: State

    /// Starts with no bytes.
    public init(_ algorithm: Algorithm) {
      self.init(algorithm, usesInstructions: SHA256Blocks.isAvailable)
    }

    init(_ algorithm: Algorithm, usesInstructions: Bool) {
      switch algorithm {
      case .sha256: state = usesInstructions ? .sha256Blocks(SHA256Blocks()) : .sha256(SHA256())
      case .sha512: state = .sha512(SHA512())
      }
    }

    /// The algorithm it was started with.
    public var algorithm: Algorithm {
      switch state {
      case .sha256Blocks, .sha256: .sha256
      case .sha512: .sha512
      }
    }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      switch state {
      case .sha256Blocks(var hash):
        hash.update(bytes)
        state = .sha256Blocks(hash)
      case .sha256(var hash):
        hash.update(bufferPointer: bytes)
        state = .sha256(hash)
      case .sha512(var hash):
        hash.update(bufferPointer: bytes)
        state = .sha512(hash)
      }
    }

    /// Takes the next bytes of two hashers at the same time, which takes less of the processor than one after the other
    /// where both are SHA-256 and the bytes are as many.
    public static func update(
      _ first: inout Hasher, _ firstBytes: UnsafeRawBufferPointer,
      _ second: inout Hasher, _ secondBytes: UnsafeRawBufferPointer
    ) {
      guard case .sha256Blocks(var one) = first.state, case .sha256Blocks(var other) = second.state else {
        first.update(firstBytes)
        second.update(secondBytes)
        return
      }
      SHA256Blocks.update(&one, firstBytes, &other, secondBytes)
      first.state = .sha256Blocks(one)
      second.state = .sha256Blocks(other)
    }

    /// The digest of all bytes taken so far.
    public func finalize() -> Digest {
      switch state {
      case .sha256Blocks(let hash): hash.finalize().withUnsafeBytes { Digest(algorithm: .sha256, bytes: $0)! }
      case .sha256(let hash): hash.finalize().withUnsafeBytes { Digest(algorithm: .sha256, bytes: $0)! }
      case .sha512(let hash): hash.finalize().withUnsafeBytes { Digest(algorithm: .sha512, bytes: $0)! }
      }
    }
  }

  /// The digest of the bytes given.
  public static func of(_ bytes: some ContiguousBytes, algorithm: Algorithm = .sha256) -> Digest {
    var hasher = Hasher(algorithm)
    bytes.withBytes { hasher.update($0) }
    return hasher.finalize()
  }
}

/// Bytes that lie in one piece.
public protocol ContiguousBytes {
  /// Lends the bytes for the length of the call.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

extension Array: ContiguousBytes where Element == UInt8 {
  /// Lends the elements for the length of the call.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(body)
  }
}
