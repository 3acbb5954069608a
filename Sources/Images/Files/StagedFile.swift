internal import Glibc
internal import OCI

/// A file that is written under a name of its own and gets its right name when it is whole, so that nobody ever sees a
/// part of it; its methods block.
struct StagedFile: Sendable {
  let file: OpenFile

  /// Begins a file in a folder, next to where it is to stand.
  init(in folder: String) throws {
    let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    file = try OpenFile.making("\(folder)/.berth-\(getpid())-\(mark)")
  }

  /// Gives the file its name.
  func commit(as path: String) throws {
    try FilePath.rename(file.path, to: path)
  }

  /// Removes the file.
  func discard() throws {
    try FilePath.remove(file.path)
  }

  /// Writes a whole file.
  static func write(_ bytes: [UInt8], to path: String, in folder: String) throws {
    let staged = try StagedFile(in: folder)
    do {
      try bytes.withUnsafeBytes { try staged.file.write($0, at: 0) }
      try staged.commit(as: path)
    } catch {
      try staged.discard()
      throw error
    }
  }
}
