import NIOCore

/// The size of the pieces in which decoders and encoders emit, in bytes: however far input expands, no more is held.
let outputPieceSize = 128 << 10

extension ByteBuffer {
  /// Makes a piece of output, which `body` fills as far as it says.
  static func outputPiece(_ body: (UnsafeMutableBufferPointer<UInt8>) throws -> Int) rethrows -> ByteBuffer {
    var piece = ByteBufferAllocator().buffer(capacity: outputPieceSize)
    try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: outputPieceSize) { space in
      try body(space.bindMemory(to: UInt8.self))
    }
    return piece
  }
}
