import AsyncHTTPClient
import Foundation
import NIOCore

extension HTTPClientResponse {
  /// Reads the body line by line, as it comes.
  ///
  /// - Parameter take: takes a line without its line feed, and says whether the next is wanted.
  /// - Returns: whether the body ended before `take` had enough.
  func readLines(isolation: isolated (any Actor)? = #isolation, _ take: (Data) throws -> Bool) async throws -> Bool {
    var pending = Data()
    for try await buffer in body {
      pending.append(contentsOf: buffer.readableBytesView)
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(pending[..<end])
        pending = Data(pending[(end + 1)...])
        guard try take(line) else { return false }
      }
    }
    return true
  }
}
