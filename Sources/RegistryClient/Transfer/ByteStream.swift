public import NIOCore
public import OCI

/// Bytes that come one buffer after the other, whatever they come from; it can be read once.
public struct ByteStream: AsyncSequence, Sendable {
  /// Reads the buffers; what it reads from is released with it.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let pull: () async throws -> ByteBuffer?

    /// The next bytes, or nil behind the last ones.
    public mutating func next() async throws -> ByteBuffer? { try await pull() }
  }

  /// The digest that the stream itself verifies: it throws in place of its end where its bytes have another one. Who
  /// reads such a stream need not hash what it reads.
  public let verifiedDigest: Digest?
  private let makePull: @Sendable () -> () async throws -> ByteBuffer?

  /// Takes any sequence of buffers.
  ///
  /// - Parameter verifiedDigest: the digest that the sequence verifies on its own, nil where it does not.
  public init<Buffers: AsyncSequence & Sendable>(_ buffers: Buffers, verifying verifiedDigest: Digest? = nil)
  where Buffers.Element == ByteBuffer {
    self.verifiedDigest = verifiedDigest
    makePull = {
      var iterator = buffers.makeAsyncIterator()
      return { try await iterator.next() }
    }
  }

  /// Begins to read.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: makePull()) }
}
