import Foundation
import OCI
import TagPlans

/// A repository that is checked out, as the program `git` shows it.
struct GitRepository: Sendable {
  private let folder: String

  /// Takes a folder in it.
  init(_ folder: String) {
    self.folder = folder
  }

  /// The build of what is checked out.
  func context() async throws -> BuildContext {
    var build = BuildContext()
    let root = try await answer("rev-parse", "--show-toplevel")
    guard let commit = try await answerOrNone("rev-parse", "--verify", "--quiet", "HEAD^{commit}") else {
      throw CommandFailure("\(root) has no commit yet")
    }
    build.event = "push"
    build.commit = commit
    build.commitDate = try await date(of: commit)
    build.reference = try await reference()
    let remote = "refs/remotes/origin/"
    build.defaultBranch = try await answerOrNone("symbolic-ref", "--quiet", "\(remote)HEAD").flatMap { name in
      name.hasPrefix(remote) ? String(name.dropFirst(remote.count)) : nil
    }
    if let address = try await answerOrNone("config", "--get", "remote.origin.url").flatMap(RemoteAddress.init) {
      build.repository.address = address.page
      build.repository.name = address.name
    } else {
      build.repository.name = URL(filePath: root).lastPathComponent
    }
    return build
  }

  /// When a commit was made; nil where it is not here.
  func date(of commit: String) async throws -> Timestamp? {
    try await answerOrNone("show", "--no-patch", "--format=%cI", "--end-of-options", commit)
      .flatMap { Timestamp(rfc3339: $0) }
  }

  /// The branch that is checked out, or else a tag of the commit.
  private func reference() async throws -> GitReference {
    if let branch = try await answerOrNone("symbolic-ref", "--quiet", "HEAD") { return GitReference(branch) }
    return .init(
      try await answerOrNone("describe", "--tags", "--exact-match", "HEAD").map { "refs/tags/\($0)" } ?? "HEAD")
  }

  // MARK: The program

  private struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String
  }

  private func answer(_ arguments: String...) async throws -> String {
    let outcome = try await run(arguments)
    guard outcome.status == 0 else {
      guard outcome.status != 127 else { throw CommandFailure("git is not there, and has to be asked: install it") }
      let reason = outcome.errors.split(separator: "\n").first.map { PlainText.line(String($0)) } ?? "it says nothing"
      throw CommandFailure("git does not know what is built in \(folder): \(reason); run this in a checkout")
    }
    return outcome.output
  }

  /// An answer, or nil where there is none.
  private func answerOrNone(_ arguments: String...) async throws -> String? {
    let outcome = try await run(arguments)
    return outcome.status == 0 && !outcome.output.isEmpty ? outcome.output : nil
  }

  private func run(_ arguments: [String]) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      // Waiting for a program would block a thread that other tasks run on.
      DispatchQueue.global().async { continuation.resume(with: Result { try wait(arguments) }) }
    }
  }

  private func wait(_ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"]) {
      $1
    }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    let messages = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines),
      errors: String(decoding: messages, as: UTF8.self))
  }
}
