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
    try await flushFull()
  }

  /// Adds a line member by member, and sends nothing yet: `flushFull` has to follow before there are many more.
  func add(_ write: (inout JSONLine) -> Void) {
    var line = JSONLine(buffer: waiting)
    // Only where nobody else has the buffer it is written to without being copied.
    waiting = ByteBuffer()
    line.begin()
    write(&line)
    line.end()
    waiting = line.buffer
  }

  /// Sends what waits if it is enough for a piece.
  func flushFull() async throws {
    if waiting.readableBytes >= Self.pieceSize { try await flush() }
  }

  /// Sends what waits.
  func flush() async throws {
    guard waiting.readableBytes > 0 else { return }
    let piece = waiting
    waiting = ByteBufferAllocator().buffer(capacity: Self.pieceSize + (Self.pieceSize >> 3))
    try await send(piece)
  }
}

/// A JSON object that is written member by member where it is sent from, because there may be a million.
struct JSONLine {
  fileprivate var buffer: ByteBuffer
  private var hasMembers = false

  fileprivate init(buffer: ByteBuffer) {
    self.buffer = buffer
  }

  /// An object of JSON by itself.
  static func object(_ write: (inout JSONLine) -> Void) -> String {
    var line = JSONLine(buffer: ByteBuffer())
    line.begin()
    write(&line)
    line.buffer.writeStaticString("}")
    return String(buffer: line.buffer)
  }

  fileprivate mutating func begin() { buffer.writeInteger(UInt8(ascii: "{")) }

  fileprivate mutating func end() { buffer.writeStaticString("}\n") }

  /// Adds a member whose value is JSON.
  mutating func add(_ name: StaticString, _ json: String) {
    self.name(name)
    buffer.writeString(json)
  }

  /// Adds a member whose value is a text without anything to be escaped, such as a digest or a tag.
  mutating func add(_ name: StaticString, plain text: String) {
    self.name(name)
    buffer.writeInteger(UInt8(ascii: "\""))
    buffer.writeString(text)
    buffer.writeInteger(UInt8(ascii: "\""))
  }

  private mutating func name(_ name: StaticString) {
    buffer.writeStaticString(hasMembers ? ",\"" : "\"")
    buffer.writeStaticString(name)
    buffer.writeStaticString("\":")
    hasMembers = true
  }
}
