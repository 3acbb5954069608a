import ArgumentParser
import Foundation
import Server

/// Every setting as a flag, for the commands that take settings.
///
/// The flags are those of the table in `Server`; a command shows them by `discussion: Settings.help`.
struct SettingsArguments: ParsableArguments {
  @Argument(parsing: .allUnrecognized, help: .hidden)
  var flags: [String] = []

  /// The settings that the flags, the environment and the YAML file make; the error is one line for people.
  func load() async throws -> Settings {
    try await Settings.load(arguments: flags, environment: ProcessInfo.processInfo.environment)
  }
}
