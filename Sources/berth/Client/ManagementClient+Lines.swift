import AsyncHTTPClient
import Foundation
import NIOCore

extension ManagementClient {
  /// Sends a request that is answered by JSON objects, a line each, and takes them as they come, for as long as it takes.
  ///
  /// - Parameter take: takes a line, and makes something of the last.
  /// - Throws: `CommandFailure` where the answer ends before its last line.
  func follow<Last>(
    _ request: ManagementRequest, isolation: isolated (any Actor)? = #isolation, _ take: (Data) throws -> Last?
  ) async throws -> Last {
    let response = try await open(request, timeout: .hours(24))
    var last: Last?
    _ = try await response.readLines { line in
      last = try take(line)
      return last == nil
    }
    guard let last else { throw CommandFailure("\(server) closed the connection before it was done") }
    return last
  }
}
