internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Why there is no connection.
package enum ConnectionReason {
  /// Says it in the system's words where the system said it, and otherwise in those of the error.
  package static func text(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { text($0.error) } ?? "its name leads to no address"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    default: "\(error)"
    }
  }
}
