internal import Glibc

/// A lock that one process at a time holds, kept by the system for as long as this lives.
final class FileLock: Sendable {
  private let descriptor: CInt

  /// Waits for the lock; it blocks.
  init(_ path: String) throws {
    descriptor = retrying { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    guard descriptor >= 0 else { throw OpenFile.failure("open the lock \(path)", errno) }
    guard retrying({ flock(descriptor, LOCK_EX) }) == 0 else {
      throw OpenFile.failure("take the lock \(path)", errno)
    }
  }

  deinit {
    Glibc.close(descriptor)
  }
}
