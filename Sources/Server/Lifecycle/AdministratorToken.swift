import Access

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file with the token of the first administrator.
struct AdministratorToken {
  let path: String

  /// Writes the file anew, so that nobody but its owner ever could read it.
  func store(_ secret: TokenSecret) throws(DataFolderError) {
    let fresh = "\(path).new"
    unlink(fresh)
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    let bytes = Array("\(secret.reveal())\n".utf8)
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count, fsync(descriptor) == 0, rename(fresh, path) == 0 else {
      throw failure()
    }
  }

  private func failure() -> DataFolderError {
    DataFolderError("the administrator's token cannot be written to \(path): \(String(cString: strerror(errno)))")
  }
}
