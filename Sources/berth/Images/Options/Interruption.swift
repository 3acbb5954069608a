import ArgumentParser
import Dispatch
import Foundation
import Locks

/// What Control-C does to a command that has something to clear away.
enum Interruption {
  /// Runs work that the first SIGINT or SIGTERM cancels, and the second one ends at once.
  ///
  /// - Throws: what the work throws; the exit status of an interrupted program where it was interrupted.
  static func cancels<Success: Sendable>(_ work: @escaping @Sendable () async throws -> Success) async throws -> Success
  {
    let task = Task { try await work() }
    let interrupted = Locked<Int32?>(nil)
    let sources = [SIGINT, SIGTERM].map { number in
      // The system's own answer would end the process before the source tells.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let isSecond = interrupted.withLock { first in
          defer { first = first ?? number }
          return first != nil
        }
        if isSecond { _exit(128 + number) }
        task.cancel()
      }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    let result = await task.result
    if let number = interrupted.withLock({ $0 }) { throw ExitCode(128 + number) }
    return try result.get()
  }
}
