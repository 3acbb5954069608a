public import Archives
public import NIOCore
public import OCI

/// Reads the entries of a layer that comes as a stream, compressed or not, and digests the uncompressed bytes.
///
/// It holds a piece of the stream and a piece of what comes of it, however far the stream expands.
public struct LayerReader<Stream: AsyncSequence> where Stream.Element == ByteBuffer {
  private var stream: Stream.AsyncIterator
  private var input = ByteBuffer()
  private let decompressor = Decompressor()
  private var tar = TarReader()
  private var hasher: Digest.Hasher
  private var hasEnded = false

  /// The size of the uncompressed bytes so far.
  public private(set) var uncompressedSize: Int64 = 0

  /// Begins to read a stream; the digest that the image's config lists says with which algorithm to digest.
  public init(_ stream: Stream, algorithm: Digest.Algorithm = .sha256) {
    self.stream = stream.makeAsyncIterator()
    hasher = Digest.Hasher(algorithm)
  }

  /// The digest of the uncompressed bytes, once all of them were read.
  public var diffID: Digest? { hasEnded ? hasher.finalize() : nil }

  /// Reads on.
  ///
  /// - Returns: What was read, or nil behind the stream's last byte.
  /// - Throws: `ArchiveError` for a layer that is damaged or not whole, and what the stream throws.
  public mutating func next() async throws -> TarReader.Event? {
    while true {
      if let event = try tar.next() { return event }
      if hasEnded { return nil }
      if let piece = try decompressor.decode(&input) {
        take(piece)
      } else if let bytes = try await stream.next() {
        input = bytes
      } else {
        try end()
      }
    }
  }

  /// Reads up to an entry, whose content comes next.
  ///
  /// - Parameter index: How many entries come before it.
  /// - Returns: The entry, or nil where the layer has fewer.
  public mutating func seek(toEntry index: Int) async throws -> TarEntry? {
    var count = 0
    while let event = try await next() {
      guard case .entry(let entry) = event else { continue }
      if count == index { return entry }
      count += 1
    }
    return nil
  }

  private mutating func take(_ piece: ByteBuffer) {
    uncompressedSize += Int64(piece.readableBytes)
    piece.withUnsafeReadableBytes { hasher.update($0) }
    tar.append(piece)
  }

  private mutating func end() throws {
    var rest = ByteBuffer()
    try decompressor.finish { rest.writeImmutableBuffer($0) }
    if rest.readableBytes > 0 { take(rest) }
    try tar.finish()
    hasEnded = true
  }
}
