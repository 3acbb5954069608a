internal import Glibc

/// System calls on paths; they block.
enum FilePath {
  /// Makes a folder and its parents where they are missing.
  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o755) == 0 || errno == EEXIST && isFolder(path) { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw OpenFile.failure("make the folder \(path)", errno)
    }
    try makeFolder(String(path[..<slash]))
    guard mkdir(path, 0o755) == 0 || errno == EEXIST && isFolder(path) else {
      throw OpenFile.failure("make the folder \(path)", errno)
    }
  }

  /// Whether there is a folder.
  static func isFolder(_ path: String) -> Bool {
    kind(path) == S_IFDIR
  }

  /// The size of a regular file; nil where there is none.
  static func size(_ path: String) throws -> Int64? {
    var information = stat()
    guard stat(path, &information) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw OpenFile.failure("look at \(path)", errno)
    }
    return information.st_mode & S_IFMT == S_IFREG ? Int64(information.st_size) : nil
  }

  /// Gives a file a new name in place of its old one, and in place of what had the new name.
  static func rename(_ path: String, to name: String) throws {
    guard Glibc.rename(path, name) == 0 else { throw OpenFile.failure("rename \(path) to \(name)", errno) }
  }

  /// Removes a file where it is there.
  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw OpenFile.failure("remove \(path)", errno) }
  }

  private static func kind(_ path: String) -> mode_t {
    var information = stat()
    return stat(path, &information) == 0 ? information.st_mode & S_IFMT : 0
  }
}
