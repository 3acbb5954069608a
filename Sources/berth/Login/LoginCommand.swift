import ArgumentParser
import Foundation
import RegistryClient

/// `berth login`: a credential, verified and stored where Docker has its own.
struct LoginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Verify a user's password or token with a registry, and store it for this and other clients.",
    discussion: """
      It is stored in Docker's config.json, in $DOCKER_CONFIG or ~/.docker, or in the file that $REGISTRY_AUTH_FILE names, \
      where Docker and others find it, too: readable by you alone, and not encrypted. Where that file names a credential \
      helper for the registry, the helper keeps it.
      """)

  @Argument(
    help: ArgumentHelp(
      "The registry: host[:port] or a URL; https, or http on this machine (BERTH_SERVER; else \(ServerAddress.standard))."
    )
  )
  var server: String?

  @Option(name: [.short, .long], help: ArgumentHelp("The user, or for a robot organization+robot.", valueName: "user"))
  var username: String

  @OptionGroup var input: PasswordInput
  @OptionGroup var trust: TrustOptions

  func validate() throws {
    guard !username.isEmpty, !username.contains(":") else {
      throw ValidationError("a user's name is not empty, and no colon is in it")
    }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let address = try ServerAddress(argument: server, environment: environment)
    let registry = address.registry
    let logins = Logins(environment: environment)
    try await logins.check()
    let password = try await input.password(of: username)
    let verification = LoginVerification(
      server: address, hasScheme: (server ?? environment.text("BERTH_SERVER"))?.contains("://") == true, trust: trust,
      environment: environment)
    let identity = try await verification.verify(user: username, password: password)
    let place = try await logins.store(user: username, password: password, for: registry)
    print("logged in to \(address) as \(identity); stored in \(place)")
  }
}
