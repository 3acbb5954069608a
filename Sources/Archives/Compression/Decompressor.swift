public import NIOCore

/// Decompresses what comes in pieces, after looking at its first bytes: gzip, Zstandard, or neither.
///
/// The type that a manifest gives a layer is not asked, because it is wrong often enough. It is used from one task at a
/// time.
public final class Decompressor {
  private enum State {
    case magic(ByteBuffer)
    case plain
    case gzip(GzipDecoder)
    case zstd(ZstdDecoder)
  }

  private var state = State.magic(ByteBuffer())

  /// Starts at a stream's first byte.
  public init() {}

  /// How the stream is compressed, or nil while too few bytes are known to tell.
  public var compression: Compression? {
    switch state {
    case .magic: nil
    case .plain: Compression.none
    case .gzip: .gzip
    case .zstd: .zstd
    }
  }

  /// Takes bytes and emits what comes of them, in pieces no larger than they were or than decoders emit.
  ///
  /// - Throws: `ArchiveError` for a damaged stream, and what `emit` throws.
  public func decode(_ input: ByteBuffer, _ emit: (ByteBuffer) throws -> Void) throws {
    var input = input
    while let piece = try decode(&input) { try emit(piece) }
  }

  /// Takes as many bytes as make one piece.
  ///
  /// - Returns: The piece, or nil where all of the input was taken and no output waits.
  /// - Throws: `ArchiveError` for a damaged stream.
  public func decode(_ input: inout ByteBuffer) throws(ArchiveError) -> ByteBuffer? {
    if case .magic(var magic) = state {
      magic.writeImmutableBuffer(input)
      input.clear()
      guard magic.readableBytes >= Compression.magicByteCount else {
        state = .magic(magic)
        return nil
      }
      choose(by: magic)
      input = magic
    }
    switch state {
    case .magic: return nil
    case .plain:
      defer { input = ByteBuffer() }
      return input.readableBytes > 0 ? input : nil
    case .gzip(let decoder): return try decoder.decode(&input)
    case .zstd(let decoder): return try decoder.decode(&input)
    }
  }

  /// Says that no more bytes come, and emits what was held back to look at.
  ///
  /// - Throws: `ArchiveError` for a stream that is not whole, and what `emit` throws.
  public func finish(_ emit: (ByteBuffer) throws -> Void) throws {
    if case .magic(let magic) = state {
      choose(by: magic)
      try decode(magic, emit)
    }
    switch state {
    case .magic, .plain: return
    case .gzip(let decoder): try decoder.finish()
    case .zstd(let decoder): try decoder.finish()
    }
  }

  private func choose(by magic: ByteBuffer) {
    switch Compression(magic: magic.readableBytesView.prefix(Compression.magicByteCount)) {
    case .none: state = .plain
    case .gzip: state = .gzip(GzipDecoder())
    case .zstd: state = .zstd(ZstdDecoder())
    }
  }
}
