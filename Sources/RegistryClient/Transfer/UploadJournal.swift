internal import Foundation
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import NIOPosix
internal import OCI

/// Remembers uploads that are under way, so that a process that starts anew goes on where the last one stopped.
///
/// It is a folder with a small file for each upload, which is locked as long as a process works on it. Where it cannot
/// be kept, as in a container whose file system is read-only, uploads go on without it.
public struct UploadJournal: Sendable {
  /// How long a registry can be expected to keep an upload that nobody goes on with.
  private static let lifetime: TimeInterval = 7 * 86_400

  /// The path of the folder.
  public let folder: String

  /// Takes the path of a folder, which is made when it is needed.
  public init(folder: String) {
    self.folder = folder
  }

  /// The folder of the user: `$XDG_STATE_HOME/berth/uploads`, which is in `~/.local/state` by default; nil where there
  /// is no home.
  ///
  /// - Parameter environment: the variables of the process.
  public init?(environment: [String: String]) {
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      self.init(folder: "\(state)/berth/uploads")
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      self.init(folder: "\(home)/.local/state/berth/uploads")
    } else {
      return nil
    }
  }

  /// The file of an upload, locked.
  ///
  /// - Returns: nil where another upload of the same blob is under way, or no journal can be kept.
  func entry(for digest: Digest, in repository: RepositoryName, at host: RegistryHost) async -> Entry? {
    let subject = "\(host)/\(repository)@\(digest)"
    do {
      return try await NIOThreadPool.singleton.runIfActive { claim(subject) }
    } catch {
      return nil
    }
  }

  private func claim(_ subject: String) -> Entry? {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try removeForgotten()
    } catch {
      return nil
    }
    let path = "\(folder)/\(Digest.of(Array(subject.utf8)).hex)"
    // Only the owner may read it: an upload's address can hold what lets others go on with it.
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return nil }
    var (opened, named) = (stat(), stat())
    // Who held the lock before may have removed the file that was waited for.
    guard flock(file, LOCK_EX | LOCK_NB) == 0, fstat(file, &opened) == 0, lstat(path, &named) == 0,
      opened.st_ino == named.st_ino
    else {
      close(file)
      return nil
    }
    return Entry(file: file, path: path, subject: subject)
  }

  private func removeForgotten() throws {
    let end = Date(timeIntervalSinceNow: -Self.lifetime)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.utf8.count == 64 {
      let path = "\(folder)/\(name)"
      let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      if let written, written < end { try FileManager.default.removeItem(atPath: path) }
    }
  }

  /// What is remembered of one upload; the file is locked until the entry is released.
  final class Entry: Sendable {
    private static let longest = 32 << 10

    private let file: Int32
    private let path: String
    private let subject: String

    fileprivate init(file: Int32, path: String, subject: String) {
      self.file = file
      self.path = path
      self.subject = subject
    }

    deinit { close(file) }

    /// Where the upload goes on, nil where nothing is known that can be used.
    func place() async -> WebAddress? {
      await onThread { [self] in
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        // A line that was cut off in the middle of writing has no end.
        let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty, lines[0].elementsEqual(subject.utf8) else { return nil }
        return WebAddress(String(decoding: lines[1], as: UTF8.self))
      }
    }

    /// Remembers where the upload goes on. Where it cannot be written, the next process begins anew.
    func record(_ place: WebAddress) async {
      await onThread { [self] in
        let bytes = Array("\(subject)\n\(place.text)\n".utf8)
        guard bytes.count <= Self.longest, ftruncate(file, 0) == 0 else { return false }
        return pwrite(file, bytes, bytes.count, 0) == bytes.count
      }
    }

    /// Forgets the upload, which has ended.
    func remove() async {
      await onThread { [self] in unlink(path) == 0 }
    }

    @discardableResult
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value?) async -> Value? {
      do {
        return try await NIOThreadPool.singleton.runIfActive(body)
      } catch {
        // The pool ends with the process, and the task may be cancelled: nothing is remembered then.
        return nil
      }
    }
  }
}
