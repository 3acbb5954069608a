import AsyncHTTPClient
import Foundation
import NIOCore

extension ManagementClient {
  /// Sends a request that is answered by JSON objects, a line each, and takes them as they come.
  ///
  /// - Parameter body: takes a line, and says whether it is the last.
  /// - Throws: `CommandFailure` where the answer ends before its last line.
  func follow(
    _ request: ManagementRequest, isolation: isolated (any Actor)? = #isolation, _ body: (Data) throws -> Bool
  ) async throws {
    let response = try await open(request, timeout: .hours(24))
    var pending = ByteBuffer()
    for try await piece in response.body {
      pending.writeImmutableBuffer(piece)
      while let length = pending.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map({ $0 - pending.readerIndex }),
        let line = pending.readBytes(length: length)
      {
        pending.moveReaderIndex(forwardBy: 1)
        if try body(Data(line)) { return }
      }
      pending.discardReadBytes()
    }
    throw CommandFailure("\(server) closed the connection before it was done")
  }
}
