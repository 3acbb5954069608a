internal import Glibc
internal import OCI

/// The folder that a store lives in, held open: every path is relative to it and survives its being moved.
///
/// Its methods block, follow no symbolic link in a path's last component, and start over when a signal interrupts them.
final class DataFolder: Sendable {
  /// What the folder was opened as, for messages.
  let name: String
  private let descriptor: CInt

  /// Opens the folder, after making it and its parents, durably, where they are missing.
  init(_ name: String) throws(BlobStoreError) {
    self.name = name
    var missing: [String] = []
    var folder = Substring(name)
    while folder.hasSuffix("/") && folder.count > 1 { folder.removeLast() }
    while mkdir(String(folder), 0o700) != 0 {
      if errno == EEXIST { break }
      guard errno == ENOENT, let parent = Self.parent(of: folder) else {
        throw Self.failure("make the folder \(folder)", errno, folder: name)
      }
      missing.append(String(folder))
      folder = parent
    }
    try Self.syncParent(of: folder, for: name)
    for folder in missing.reversed() {
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
        throw Self.failure("make the folder \(folder)", errno, folder: name)
      }
      try Self.syncParent(of: Substring(folder), for: name)
    }
    descriptor = Glibc.open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("open the folder \(name)", errno, folder: name) }
  }

  deinit {
    Glibc.close(descriptor)
  }

  private static func parent(of folder: Substring) -> Substring? {
    guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return nil }
    return folder[..<slash]
  }

  private static func syncParent(of folder: Substring, for name: String) throws(BlobStoreError) {
    let parent = parent(of: folder).map(String.init) ?? (folder.hasPrefix("/") ? "/" : ".")
    let descriptor = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      // Who may not read the parent was given the folder by somebody who may.
      if errno == EACCES { return }
      throw failure("open the folder \(parent)", errno, folder: name)
    }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("sync the folder \(parent)", errno, folder: name) }
  }
}

extension DataFolder {
  /// What an error number of a system call means, where `attempt` says what the call was for.
  func failure(_ attempt: String, _ code: CInt) -> BlobStoreError {
    Self.failure(attempt, code, folder: name)
  }

  private static func failure(_ attempt: String, _ code: CInt, folder: String) -> BlobStoreError {
    switch code {
    case ENOSPC: .outOfSpace("the file system of the data folder \(folder) is full; could not \(attempt)")
    case EDQUOT: .outOfSpace("the disk quota for the data folder \(folder) is used up; could not \(attempt)")
    default: .system("could not \(attempt): \(String(cString: strerror(code)))")
    }
  }
}

extension DataFolder {
  /// Opens a file, or answers nil where there is none; anything but a regular file is an error.
  func open(_ path: String, _ flags: CInt) throws(BlobStoreError) -> OpenFile? {
    // O_NONBLOCK has no effect on regular files, and keeps a pipe of that name from blocking the thread for ever.
    let all = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    let opened = retrying { openat(descriptor, path, all, 0o600) }
    guard opened >= 0 else {
      if errno == ENOENT && flags & O_CREAT == 0 { return nil }
      throw failure("open \(path)", errno)
    }
    let file = OpenFile(descriptor: opened, path: path, folder: self)
    guard try file.status().isRegular else { throw .system("could not open \(path): it is not a regular file") }
    return file
  }

  /// What is known about a file, or nil where there is none.
  func status(_ path: String) throws(BlobStoreError) -> FileStatus? {
    var information = stat()
    guard fstatat(descriptor, path, &information, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw failure("look at \(path)", errno)
    }
    return FileStatus(information)
  }

  /// How an attempt to give a file another name ended.
  enum LinkOutcome {
    case linked
    case nameIsTaken
    case fileOrFolderIsMissing
  }

  /// Gives a file another name.
  func link(_ path: String, as name: String) throws(BlobStoreError) -> LinkOutcome {
    guard linkat(descriptor, path, descriptor, name, 0) != 0 else { return .linked }
    switch errno {
    case EEXIST: return .nameIsTaken
    case ENOENT: return .fileOrFolderIsMissing
    default: throw failure("link \(path) to \(name)", errno)
    }
  }

  /// Gives a file a new name in place of its old one, and in place of what had the new name.
  func rename(_ path: String, to name: String) throws(BlobStoreError) {
    guard renameat(descriptor, path, descriptor, name) == 0 else {
      throw failure("rename \(path) to \(name)", errno)
    }
  }

  /// Removes a file's name, and answers whether it had it.
  @discardableResult
  func unlink(_ path: String) throws(BlobStoreError) -> Bool {
    guard unlinkat(descriptor, path, 0) != 0 else { return true }
    guard errno == ENOENT else { throw failure("remove \(path)", errno) }
    return false
  }
}

extension DataFolder {
  /// Makes a folder where there is none; it is durable once its parent is synced.
  func makeFolder(_ path: String) throws(BlobStoreError) {
    guard mkdirat(descriptor, path, 0o700) == 0 || errno == EEXIST else {
      throw failure("make the folder \(path)", errno)
    }
  }

  /// Makes the names in a folder durable.
  func syncFolder(_ path: String) throws(BlobStoreError) {
    let opened = try openFolder(path)
    defer { Glibc.close(opened) }
    guard retrying({ fsync(opened) }) == 0 else { throw failure("sync the folder \(path)", errno) }
  }

  /// Makes the names in the data folder itself durable.
  func sync() throws(BlobStoreError) {
    guard retrying({ fsync(descriptor) }) == 0 else { throw failure("sync the folder \(name)", errno) }
  }

  /// The names in a folder, in no order; none where it does not exist.
  func names(in path: String) throws(BlobStoreError) -> [String] {
    guard try status(path) != nil else { return [] }
    let opened = try openFolder(path)
    guard let listing = fdopendir(opened) else {
      let code = errno
      Glibc.close(opened)
      throw failure("list \(path)", code)
    }
    defer { closedir(listing) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(listing) else { break }
      guard let bytes = entry.pointer(to: \.d_name) else { continue }
      let name = bytes.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw failure("list \(path)", errno) }
    return names
  }

  private func openFolder(_ path: String) throws(BlobStoreError) -> CInt {
    let opened = retrying { openat(descriptor, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) }
    guard opened >= 0 else { throw failure("open the folder \(path)", errno) }
    return opened
  }
}

/// Makes a system call again for as long as signals interrupt it.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
