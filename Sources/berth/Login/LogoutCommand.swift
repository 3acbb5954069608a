import ArgumentParser
import Foundation

/// `berth logout`: what `berth login` stored is removed.
struct LogoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout",
    abstract: "Remove the credential that is stored for a server.",
    discussion: "It stays valid on the server; `berth token revoke` ends a token.")

  @Argument(help: "The server: host[:port] or a URL (BERTH_SERVER; else \(ServerAddress.standard)).")
  var server: String?

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let server = try ServerAddress(argument: server, environment: environment)
    var logins = try DockerConfiguration(path: DockerConfiguration.path(environment: environment))
    guard logins.removeCredentials(for: server) else {
      print("\(logins.path) has no credential for \(server.host)")
      return
    }
    try logins.save()
    print("removed the credential for \(server.host) from \(logins.path)")
  }
}
