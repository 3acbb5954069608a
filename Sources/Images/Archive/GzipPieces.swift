internal import Archives
internal import NIOCore

/// The compressed form of a part of a file, made while it is read; the same part always gives the same bytes.
struct GzipPieces: AsyncSequence, Sendable {
  let part: FilePart
  /// How many compressed bytes are left out at the start.
  let offset: Int64
  /// Sees the bytes before they are compressed.
  var inspect: @Sendable (UnsafeRawBufferPointer) -> Void = { _ in }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(work: Work(self)) }

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let work: Work

    func next() async throws -> ByteBuffer? {
      try await FileThreads.run { try work.next() }
    }
  }

  /// The compression under way.
  ///
  /// It is handed from one file thread to the next, and used by one at a time: an iterator is asked again when it has
  /// answered.
  fileprivate final class Work: @unchecked Sendable {
    private let pieces: GzipPieces
    private let encoder = GzipEncoder()
    private var position: Int64
    private var skipped: Int64 = 0
    private var ready: [ByteBuffer] = []
    private var hasEnded = false

    init(_ pieces: GzipPieces) {
      self.pieces = pieces
      position = pieces.part.range.lowerBound
    }

    func next() throws -> ByteBuffer? {
      while ready.isEmpty && !hasEnded { try encodeMore() }
      return ready.isEmpty ? nil : ready.removeFirst()
    }

    private func encodeMore() throws {
      let end = pieces.part.range.upperBound
      guard position < end else {
        hasEnded = true
        encoder.finish(keep)
        return
      }
      let count = Int(Swift.min(end - position, Int64(FilePieces.pieceSize)))
      let piece = try pieces.part.file.read(at: position, count: count)
      guard piece.readableBytes == count else {
        throw ImagesError(.malformed, "\(pieces.part.file.path) was cut off while it was read")
      }
      position += Int64(count)
      piece.withUnsafeReadableBytes(pieces.inspect)
      encoder.encode(piece, keep)
    }

    private func keep(_ output: ByteBuffer) {
      var output = output
      let left = Swift.min(pieces.offset - skipped, Int64(output.readableBytes))
      output.moveReaderIndex(forwardBy: Int(left))
      skipped += left
      if output.readableBytes > 0 { ready.append(output) }
    }
  }
}
