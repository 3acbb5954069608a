import Processes
import TestSupport

/// The `berth` executable, called as people and scripts call it.
struct CommandRun: Sendable {
  /// What it ended with.
  let status: Int32
  /// What it wrote to standard output.
  let output: String
  /// What it wrote to standard error.
  let errors: String

  /// The lines of standard output.
  var lines: [Substring] { output.split(separator: "\n") }

  /// Runs a command to its end.
  ///
  /// - Parameters:
  ///   - folder: an empty folder, or one that an earlier command used.
  ///   - environment: the variables, none of which come from this process.
  ///   - input: standard input.
  init(_ arguments: [String], folder: String, environment: [String: String], input: String = "") async throws {
    let command = Program(
      Program.berth, arguments,
      environment: environment.merging(["HOME": folder, "DOCKER_CONFIG": "\(folder)/docker"]) { given, _ in given })
    let outcome = try await command.outcome(
      input: Array(input.utf8), outputLimit: 64 << 20, timeLimit: .seconds(300))
    status = outcome.status
    output = String(decoding: outcome.output, as: UTF8.self)
    errors = String(decoding: outcome.errors, as: UTF8.self)
  }
}
