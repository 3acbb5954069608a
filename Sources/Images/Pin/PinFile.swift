internal import Glibc
public import OCI
internal import YAMLFiles

/// A YAML file that names images.
public struct PinFile: Sendable {
  private static let maximumLength = 16 << 20

  /// The file's path as it was given.
  public let path: String
  /// Where it names images, in the order of its lines.
  public let uses: [ImageUse]
  private let bytes: [UInt8]

  /// Reads a file.
  ///
  /// - Throws: `ImagesError`, with the line where there is one.
  public static func read(_ path: String) async throws -> PinFile {
    try await FileThreads.run { try PinFile(path: path, bytes: bytes(of: path)) }
  }

  init(path: String, bytes: [UInt8]) throws(ImagesError) {
    self.path = path
    self.bytes = bytes
    do {
      uses = try ImageUseSearch.uses(in: YAMLText(parsing: bytes))
    } catch {
      throw ImagesError(.malformed, "\(path): \(error)")
    }
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    guard let file = try OpenFile.reading(path) else { throw ImagesError(.missing, "there is no file \(path)") }
    return try file.readAll(limit: maximumLength)
  }

  /// The bytes of the file with digests in their places; all others are what they were.
  func bytes(_ digests: [ImageReference: Digest], updating: Bool) -> [UInt8] {
    var changed: [UInt8] = []
    var position = 0
    // One place may be used in several ways, by aliases.
    var edits: [Int: (place: Range<Int>, text: String)] = [:]
    for use in uses {
      guard let image = use.wanted(updating: updating), let digest = digests[image], let edit = use.edit else {
        continue
      }
      edits[edit.place.lowerBound] = (edit.place, "\(edit.text)@\(digest)")
    }
    for (place, text) in edits.values.sorted(by: { $0.place.lowerBound < $1.place.lowerBound }) {
      changed += bytes[position..<place.lowerBound]
      changed += text.utf8
      position = place.upperBound
    }
    return changed + bytes[position...]
  }

  /// Puts digests into the file, which is replaced in one step and keeps its permissions.
  ///
  /// - Throws: `ImagesError`; also where the file is another one by now than when it was read.
  public func pin(_ digests: [ImageReference: Digest], updating: Bool) async throws {
    let changed = bytes(digests, updating: updating)
    guard changed != bytes else { return }
    try await FileThreads.run { try replace(with: changed) }
  }

  private func replace(with changed: [UInt8]) throws {
    // What a symbolic link points at is what is replaced, not the link.
    guard let resolved = realpath(path, nil) else { throw OpenFile.failure("find \(path)", errno) }
    defer { free(resolved) }
    let target = String(cString: resolved)
    var information = stat()
    guard stat(target, &information) == 0 else { throw OpenFile.failure("look at \(path)", errno) }
    guard try Self.bytes(of: target) == bytes else {
      throw ImagesError(.file, "\(path) was changed meanwhile, and is left as it is; run this again")
    }
    let folder = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
    let staged = try StagedFile(in: folder.isEmpty ? "/" : folder)
    do {
      try changed.withUnsafeBytes { try staged.file.write($0, at: 0) }
      guard chmod(staged.file.path, information.st_mode & 0o7777) == 0 else {
        throw OpenFile.failure("set the permissions of \(staged.file.path)", errno)
      }
      try staged.commit(as: target)
    } catch {
      try staged.discard()
      throw error
    }
  }
}
