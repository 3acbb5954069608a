internal import Foundation
internal import Glibc

/// Files that only their owner may read.
enum PrivateFile {
  /// Puts bytes in place of a file's, so that whoever reads it meets the old ones or the new ones whole.
  static func replace(_ path: String, with bytes: Data) throws {
    let temporary = "\(path).\(UUID().uuidString)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw POSIXError.last }
    do {
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try file.write(contentsOf: bytes)
      try file.synchronize()
      try file.close()
      guard rename(temporary, path) == 0 else { throw POSIXError.last }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Keeps others that lend the same folder out while `body` runs; it leaves nothing in the folder.
  static func withLock<Success>(onFolder folder: String, _ body: () throws -> Success) throws -> Success {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXError.last }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw POSIXError.last }
    }
    return try body()
  }
}

extension POSIXError {
  /// What the last system call of this thread failed by.
  static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
