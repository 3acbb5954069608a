import CZstd
public import NIOCore

/// Decompresses Zstandard (RFC 8878) that comes in pieces: any number of frames, skippable ones among them.
///
/// A frame may ask for a window of 128 MiB at most, as for the `zstd` command. It is used from one task at a time.
public final class ZstdDecoder {
  private static let maximumWindowLog: Int32 = 27

  private let context: OpaquePointer
  private var isWithinFrame = false
  private var outputWaits = false

  /// Starts at a stream's first byte.
  public init() {
    guard let context = ZSTD_createDCtx() else { preconditionFailure("zstd cannot start: out of memory") }
    self.context = context
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
  }

  deinit {
    ZSTD_freeDCtx(context)
  }

  /// Takes compressed bytes and emits what comes of them, in pieces of bounded size.
  ///
  /// - Throws: `ArchiveError` for bytes that are not Zstandard, and what `emit` throws.
  public func decode(_ input: ByteBuffer, _ emit: (ByteBuffer) throws -> Void) throws {
    var input = input
    while let piece = try decode(&input) { try emit(piece) }
  }

  /// Takes as many compressed bytes as make one piece.
  ///
  /// - Returns: The piece, of bounded size, or nil where all of the input was taken and no output waits.
  /// - Throws: `ArchiveError` for bytes that are not Zstandard.
  public func decode(_ input: inout ByteBuffer) throws(ArchiveError) -> ByteBuffer? {
    while input.readableBytes > 0 || outputWaits {
      let piece = try decompress(&input)
      if piece.readableBytes > 0 { return piece }
    }
    return nil
  }

  /// Takes input until a piece is full, the frame ends or the input does.
  private func decompress(_ input: inout ByteBuffer) throws(ArchiveError) -> ByteBuffer {
    var status = 0
    let piece = ByteBuffer.outputPiece { space in
      var target = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
      input.readWithUnsafeReadableBytes { bytes in
        var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        status = ZSTD_decompressStream(context, &target, &source)
        return source.pos
      }
      outputWaits = target.pos == target.size
      return target.pos
    }
    guard ZSTD_isError(status) == 0 else {
      throw ArchiveError(.corrupt, "a Zstandard stream is damaged: \(String(cString: ZSTD_getErrorName(status)))")
    }
    isWithinFrame = status != 0
    if !isWithinFrame { outputWaits = false }
    return piece
  }

  /// Says that no more bytes come.
  ///
  /// - Throws: `ArchiveError` where the stream ends within a frame.
  public func finish() throws(ArchiveError) {
    guard isWithinFrame else { return }
    throw ArchiveError(.truncated, "a Zstandard stream ends before its content does: it is not whole")
  }
}
