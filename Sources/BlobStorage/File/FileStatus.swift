internal import Glibc
internal import OCI

/// What the file system knows about a file.
struct FileStatus {
  let size: Int64
  let modified: Timestamp
  let isRegular: Bool
  let isFolder: Bool
  /// How many names the file has.
  let links: Int

  init(_ information: stat) {
    size = Int64(information.st_size)
    modified = Timestamp(
      milliseconds: Int64(information.st_mtim.tv_sec) * 1000 + Int64(information.st_mtim.tv_nsec) / 1_000_000)
    isRegular = information.st_mode & S_IFMT == S_IFREG
    isFolder = information.st_mode & S_IFMT == S_IFDIR
    links = Int(information.st_nlink)
  }
}
