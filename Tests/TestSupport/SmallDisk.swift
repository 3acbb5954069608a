internal import Foundation
internal import Processes

/// A file system of a few megabytes, in memory.
public enum SmallDisk {
  /// Whether this process may mount one.
  public static let canMount: Bool = {
    let path = FileManager.default.temporaryDirectory.path + "/berth-disk-" + UUID().uuidString
    guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)) != nil else {
      return false
    }
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard run("mount", "-t", "tmpfs", "-o", "size=1m", "berth-test", path) else { return false }
    return run("umount", path)
  }()

  /// Mounts one on a new folder for as long as `body` runs.
  public static func with(
    mebibytes: Int, isolation: isolated (any Actor)? = #isolation, _ body: (_ folder: String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      guard run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "berth-test", folder) else {
        throw CouldNotMount(folder: folder)
      }
      // Files may be open for a moment more: the last close ends a lazy unmount.
      defer { _ = run("umount", "--lazy", folder) }
      try await body(folder)
    }
  }

  private struct CouldNotMount: Error {
    let folder: String
  }

  private static func run(_ command: String, _ arguments: String...) -> Bool {
    (try? Program.run(command, arguments).status) == 0
  }
}
