import CZlib
public import NIOCore

/// Compresses to gzip (RFC 1952), without a time or a name, so that the same bytes always come out the same.
///
/// It is used from one task at a time.
public final class GzipEncoder {
  /// zlib keeps a pointer to the structure in its state, so that it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  /// Starts a stream of one member.
  ///
  /// - Parameter level: From 1, the fastest, to 9, the smallest.
  public init(level: Int = 6) {
    precondition((1...9).contains(level), "gzip has the levels 1 to 9")
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the window makes zlib write gzip; 8 is its own default for memory.
    let status = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: out of memory, or another version than it was built with")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Takes bytes and emits what is ready of their compressed form, in pieces of bounded size.
  ///
  /// - Throws: What `emit` throws.
  public func encode(_ input: ByteBuffer, _ emit: (ByteBuffer) throws -> Void) rethrows {
    try input.withUnsafeReadableBytes { bytes in
      try deflateAll(bytes, Z_NO_FLUSH, emit)
    }
  }

  /// Emits the rest; nothing may be encoded after that.
  ///
  /// - Throws: What `emit` throws.
  public func finish(_ emit: (ByteBuffer) throws -> Void) rethrows {
    try deflateAll(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, emit)
  }

  private func deflateAll(
    _ input: UnsafeRawBufferPointer, _ flush: Int32, _ emit: (ByteBuffer) throws -> Void
  ) rethrows {
    // zlib does not write to its input.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    repeat {
      let piece = ByteBuffer.outputPiece { space in
        stream.pointee.next_out = space.baseAddress
        stream.pointee.avail_out = UInt32(clamping: space.count)
        let status = deflate(stream, flush)
        precondition(status != Z_STREAM_ERROR, "a gzip encoder was used after its end")
        return space.count - Int(stream.pointee.avail_out)
      }
      if piece.readableBytes > 0 { try emit(piece) }
    } while stream.pointee.avail_out == 0
  }
}
