internal import NIOCore
internal import RegistryClient

/// The bytes of a part of a file, piece by piece.
struct FilePieces: AsyncSequence, Sendable {
  /// Large enough that a piece costs little beside its bytes, small enough that many streams take no memory.
  static let pieceSize = 256 << 10

  let file: OpenFile
  let range: Range<Int64>

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(file: file, position: range.lowerBound, end: range.upperBound)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let file: OpenFile
    var position: Int64
    let end: Int64

    mutating func next() async throws -> ByteBuffer? {
      guard position < end else { return nil }
      let (file, position) = (file, position)
      let count = Int(Swift.min(Int64(FilePieces.pieceSize), end - position))
      let piece = try await FileThreads.run { try file.read(at: position, count: count) }
      guard piece.readableBytes == count else {
        throw ImagesError(.malformed, "\(file.path) ended \(end - position) bytes before its end: it was cut off")
      }
      self.position += Int64(count)
      return piece
    }
  }
}
