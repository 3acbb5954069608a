#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The claim of one process on a data folder, which ends with the process at the latest.
public final class DataFolderLock: Sendable {
  private let descriptor: CInt

  /// Makes the folder where there is none, and claims it.
  ///
  /// - Throws: `DataFolderError` where another process holds it, or where it cannot be made or written to.
  public init(folder: String) throws(DataFolderError) {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw DataFolderError("the data folder \(folder) cannot be made: \(String(cString: strerror(errno)))")
    }
    let path = "\(folder)/lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw DataFolderError("the data folder \(folder) cannot be written to: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw DataFolderError("another process of berth holds the data folder \(folder); stop it first")
    }
  }

  deinit {
    close(descriptor)
  }
}

/// Why a data folder cannot be used.
public struct DataFolderError: Error, CustomStringConvertible {
  /// What is wrong, and what would help.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
