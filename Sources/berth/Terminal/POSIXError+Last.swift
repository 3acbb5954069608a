import Foundation

extension POSIXError {
  /// What the last system call of this thread failed by.
  static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
