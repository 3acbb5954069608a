import ArgumentParser
import Foundation

/// A command that speaks to a running server.
protocol ManagementCommand: AsyncParsableCommand {
  /// Which server, and who calls.
  var connection: ConnectionOptions { get }

  /// Does the command's work.
  func run(_ client: ManagementClient) async throws
}

extension ManagementCommand {
  func run() async throws {
    let connection = try await connection.connection(environment: ProcessInfo.processInfo.environment)
    try await ManagementClient.with(connection) { try await run($0) }
  }
}

/// The option of commands that print what a server knows.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the server's JSON.")
  var json = false
}
