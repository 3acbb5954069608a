internal import Foundation
internal import Glibc

/// Files that people or their programs wrote.
enum ConfigurationFile {
  /// The bytes of a file.
  ///
  /// - Parameter limit: the most that it may hold, in bytes.
  /// - Returns: nil where there is none.
  static func read(_ path: String, limit: Int) throws(InvalidConfiguration) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return nil }
      throw InvalidConfiguration(path, "it cannot be opened: \(String(cString: strerror(code)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let bytes: Data
    do {
      bytes = try file.read(upToCount: limit + 1) ?? Data()
    } catch {
      throw InvalidConfiguration(path, "it cannot be read: \(error.localizedDescription)")
    }
    guard bytes.count <= limit else { throw InvalidConfiguration(path, "it is longer than \(limit) bytes") }
    return [UInt8](bytes)
  }

  /// The names in a folder, sorted; none where there is no folder, or none that this process may look into.
  ///
  /// A machine's folders are at times for its administrator alone. Such a folder does not count, as with Podman.
  static func names(in folder: String) throws(InvalidConfiguration) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch let error as CocoaError where [.fileReadNoSuchFile, .fileReadNoPermission].contains(error.code) {
      return []
    } catch {
      throw InvalidConfiguration(folder, "it cannot be listed: \(error.localizedDescription)")
    }
  }
}
