import Foundation
import OCI
import Processes
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

  private func run(_ arguments: [String]) async throws -> (status: Int32, output: String, errors: String) {
    let environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"]) { $1 }
    let git = Program("/usr/bin/env", ["git", "-C", folder] + arguments, environment: environment)
    do {
      let outcome = try await git.outcome(outputLimit: Self.outputLimit, timeLimit: .seconds(60))
      return (
        outcome.status,
        String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines),
        String(decoding: outcome.errors, as: UTF8.self)
      )
    } catch let failure as ProgramFailure {
      let reason =
        switch failure {
        case .system(let code): String(cString: strerror(code))
        case .inputTooLong, .outputTooLong: "it wrote more than \(Self.outputLimit) bytes"
        case .timedOut: "it did not end within a minute"
        }
      throw CommandFailure("git does not know what is built in \(folder): \(reason)")
    }
  }

  /// The most that an answer takes, in bytes: a line, as each is.
  private static let outputLimit = 1 << 20
}
