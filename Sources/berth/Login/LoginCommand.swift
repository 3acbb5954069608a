import ArgumentParser
import Foundation

/// `berth login`: a credential, verified and stored where Docker has its own.
struct LoginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Verify a user's password or token, and store it for this and other clients.",
    discussion: """
      It is stored in Docker's config.json, in $DOCKER_CONFIG or ~/.docker, where Docker and others find it, too: readable \
      by you alone, and not encrypted.
      """)

  @Argument(
    help:
      "The server: host[:port] or a URL; https, or http on this machine (BERTH_SERVER; else \(ServerAddress.standard))."
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
    let server = try ServerAddress(argument: server, environment: environment)
    let authorities = try trust.authorities(environment: environment)
    var logins = try DockerConfiguration(path: DockerConfiguration.path(environment: environment))
    let password = try await input.password(of: username)
    let connection = Connection(
      to: server, credential: Credential(user: username, password: password, origin: nil),
      authorities: authorities)
    let identity: API.Identity = try await ManagementClient.with(connection) { client in
      try await client.send(.identity)
    }
    guard !identity.isAnybody else {
      throw CommandFailure("\(server) does not ask who calls, so there is nothing to log in to")
    }
    logins.setCredential(user: username, password: password, for: server)
    try logins.save()
    print("logged in to \(server) as \(identity.summary); stored in \(logins.path)")
  }
}
