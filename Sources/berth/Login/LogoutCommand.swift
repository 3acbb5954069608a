import ArgumentParser
import Foundation
import RegistryClient

/// `berth logout`: what `berth login` stored is removed.
struct LogoutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout",
    abstract: "Remove the credential that is stored for a registry.",
    discussion: "It stays valid there; `berth token revoke` ends a token.")

  @Argument(help: "The registry: host[:port] or a URL (BERTH_SERVER; else \(ServerAddress.standard)).")
  var server: String?

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let registry = try ServerAddress(argument: server, environment: environment).registry
    let logins = Logins(environment: environment)
    guard let place = try await logins.remove(for: registry) else {
      print("\(logins.path) has no credential for \(registry)")
      return
    }
    print("removed the credential for \(registry) from \(place)")
  }
}
