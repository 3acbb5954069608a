import CZlib
public import NIOCore

/// Decompresses gzip (RFC 1952) that comes in pieces: one member or several, and zeros that fill up the end.
///
/// It is used from one task at a time.
public final class GzipDecoder {
  private enum State {
    case member
    case betweenMembers
    case fill
  }

  /// zlib keeps a pointer to the structure in its state, so that it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.member

  /// Starts at a stream's first byte.
  public init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 more than the largest window makes zlib take gzip and nothing else.
    let status = inflateInit2_(stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: out of memory, or another version than it was built with")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Takes compressed bytes and emits what comes of them, in pieces of bounded size.
  ///
  /// - Throws: `ArchiveError` for bytes that are not gzip, and what `emit` throws.
  public func decode(_ input: ByteBuffer, _ emit: (ByteBuffer) throws -> Void) throws {
    var input = input
    while let piece = try decode(&input) { try emit(piece) }
  }

  /// Takes as many compressed bytes as make one piece.
  ///
  /// - Returns: The piece, of bounded size, or nil where all of the input was taken and no output waits.
  /// - Throws: `ArchiveError` for bytes that are not gzip.
  public func decode(_ input: inout ByteBuffer) throws(ArchiveError) -> ByteBuffer? {
    while true {
      switch state {
      case .member:
        let piece = try inflateMember(&input)
        if piece.readableBytes > 0 { return piece }
        if case .member = state { return nil }
      case .betweenMembers:
        guard let next = input.readableBytesView.first else { return nil }
        try beginMember(next)
      case .fill:
        guard input.readableBytesView.allSatisfy({ $0 == 0 }) else { throw Self.garbage }
        input.clear()
        return nil
      }
    }
  }

  /// Says that no more bytes come.
  ///
  /// - Throws: `ArchiveError` where the stream ends within a member.
  public func finish() throws(ArchiveError) {
    guard case .member = state else { return }
    throw ArchiveError(.truncated, "a gzip stream ends before its content does: it is not whole")
  }

  private static let garbage = ArchiveError(.corrupt, "a gzip stream has something else behind its end")

  private func beginMember(_ first: UInt8) throws(ArchiveError) {
    switch first {
    case 0: state = .fill
    case 0x1f:
      inflateReset(stream)
      state = .member
    default: throw Self.garbage
    }
  }

  /// Takes input until a piece is full, the member ends or the input does.
  private func inflateMember(_ input: inout ByteBuffer) throws(ArchiveError) -> ByteBuffer {
    var status = Z_OK
    let piece = ByteBuffer.outputPiece { space in
      stream.pointee.next_out = space.baseAddress
      stream.pointee.avail_out = UInt32(clamping: space.count)
      input.readWithUnsafeReadableBytes { bytes in
        // zlib does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        status = inflate(stream, Z_NO_FLUSH)
        return bytes.count - Int(stream.pointee.avail_in)
      }
      return space.count - Int(stream.pointee.avail_out)
    }
    switch status {
    // The second one says that there was no input and no output waits.
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .betweenMembers
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
      throw ArchiveError(.corrupt, "a gzip stream is damaged: \(reason)")
    }
    return piece
  }
}
