import Foundation
import NIOCore
import NIOPosix

/// Where bytes of any number go: standard output, or a file that appears when it is whole.
struct ByteOutput: Sendable {
  private let descriptor: Int32
  private let path: String?

  /// Lends an output for as long as `body` runs.
  ///
  /// - Parameter path: a file; nil and `-` stand for standard output. Where `body` throws, the file is not there.
  static func with<Success>(
    _ path: String?, isolation: isolated (any Actor)? = #isolation, _ body: (ByteOutput) async throws -> Success
  ) async throws -> Success {
    guard let path, path != "-" else { return try await body(ByteOutput(descriptor: STDOUT_FILENO, path: nil)) }
    let temporary = "\(path).\(UUID().uuidString)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be made: \(POSIXError.reason)") }
    let success: Success
    do {
      success = try await body(ByteOutput(descriptor: descriptor, path: path))
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary, path) == 0 else {
      let failure = CommandFailure("\(path) cannot be written: \(POSIXError.reason)")
      unlink(temporary)
      throw failure
    }
    return success
  }

  /// Whether it is a terminal, which binary data would confuse.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes all bytes, on a thread where a full pipe holds nobody up.
  func write(_ buffer: ByteBuffer) async throws {
    guard buffer.readableBytes > 0 else { return }
    try await NIOThreadPool.singleton.runIfActive { try writeNow(buffer) }
  }

  private func writeNow(_ buffer: ByteBuffer) throws {
    try buffer.withUnsafeReadableBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          throw CommandFailure("\(path ?? "standard output") cannot be written: \(POSIXError.reason)")
        }
        rest = rest.dropFirst(written)
      }
    }
  }
}

extension POSIXError {
  /// What the last system call of this thread failed by, for messages.
  static var reason: String { String(cString: strerror(errno)) }
}
