import Foundation
import Processes
import TestSupport

/// A repository of Git in a folder of a test.
struct GitCheckout: Sendable {
  let folder: String

  /// The variables by which programs find the repository from any folder.
  var environment: [String: String] {
    ["GIT_DIR": "\(folder)/.git", "GIT_WORK_TREE": folder, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
  }

  /// Makes a repository with the branch `main` and no commit.
  init(in folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try git("init", "--quiet", "--initial-branch=main")
  }

  /// Makes a commit of 2026-01-02T03:04:05Z.
  ///
  /// - Returns: its digest.
  @discardableResult
  func commit(_ message: String = "one") throws -> String {
    try git("commit", "--quiet", "--allow-empty", "--message", message)
    return try git("rev-parse", "HEAD")
  }

  /// Runs a command.
  ///
  /// - Returns: what it prints.
  @discardableResult
  func git(_ arguments: String...) throws -> String {
    let outcome = try Program.run(
      "git", ["-C", folder] + arguments,
      variables: [
        "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_COMMITTER_DATE": "2026-01-02T04:04:05+01:00",
      ])
    guard outcome.status == 0 else { throw Failure(arguments: arguments) }
    return String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private struct Failure: Error {
    let arguments: [String]
  }
}
