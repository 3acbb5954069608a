internal import Foundation
public import Processes

extension Program {
  /// `TEST_BERTH_EXECUTABLE`, or the executable that was built along with the tests.
  public static let berth: String =
    ProcessInfo.processInfo.environment["TEST_BERTH_EXECUTABLE"]
    ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "berth").path

  /// Runs a program of `PATH` to its end on this thread, in this process's environment.
  ///
  /// - Parameters:
  ///   - folder: the folder that it begins in; nil stands for this process's own.
  ///   - variables: what its environment has in place of this process's.
  public static func run(
    _ name: String, _ arguments: [String], in folder: String? = nil, variables: [String: String] = [:]
  ) throws -> Outcome {
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    return try Program("/usr/bin/env", [name] + arguments, environment: environment, folder: folder)
      .run(outputLimit: 64 << 20, timeLimit: .seconds(300))
  }
}
