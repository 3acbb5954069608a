import Foundation

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
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.environment = environment.merging(["HOME": folder, "DOCKER_CONFIG": "\(folder)/docker"]) { given, _ in given
    }
    // Files, because a pipe that nobody empties would stop the process.
    let run = "\(folder)/\(UUID().uuidString)"
    let files = ["in", "out", "err"].map { "\(run).\($0)" }
    try Data(input.utf8).write(to: URL(filePath: files[0]))
    for file in files[1...] { try Data().write(to: URL(filePath: file)) }
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: files[0]))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: files[1]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: files[2]))
    let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { process in
      exit.yield(process.terminationStatus)
      exit.finish()
    }
    try process.run()
    status = await exits.first { _ in true } ?? -1
    output = try String(contentsOfFile: files[1], encoding: .utf8)
    errors = try String(contentsOfFile: files[2], encoding: .utf8)
  }

  /// `TEST_BERTH_EXECUTABLE`, or the executable that was built along with the tests.
  private static let executable: URL = {
    if let path = ProcessInfo.processInfo.environment["TEST_BERTH_EXECUTABLE"] { return URL(filePath: path) }
    return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "berth")
  }()
}
