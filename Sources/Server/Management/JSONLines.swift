import NIOCore
import OCI

/// JSON objects that are sent a line each, many in one piece.
final class JSONLines {
  private static let pieceSize = 64 << 10

  private let send: (ByteBuffer) async throws -> Void
  private var waiting = ByteBuffer()

  init(_ send: @escaping (ByteBuffer) async throws -> Void) {
    self.send = send
  }

  func write(_ members: [(String, String)]) async throws {
    try await write(line: JSONText.object(members))
  }

  func write(line: String) async throws {
    waiting.writeString(line)
    waiting.writeInteger(UInt8(ascii: "\n"))
    if waiting.readableBytes >= Self.pieceSize { try await flush() }
  }

  /// Sends what waits.
  func flush() async throws {
    guard waiting.readableBytes > 0 else { return }
    let piece = waiting
    waiting = ByteBuffer()
    try await send(piece)
  }
}
