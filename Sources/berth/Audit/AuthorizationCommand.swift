import Access
import ArgumentParser
import Catalog
import OCI

/// `berth authz`: what decides about access.
struct AuthorizationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "authz", abstract: "Find out what decides about access.",
    subcommands: [AuthorizationExplainCommand.self])
}

/// `berth authz explain`
struct AuthorizationExplainCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say which rule allows or denies something.",
    discussion: "The exit status is 0 where it is allowed, and 1 where it is denied.")

  @Option(
    name: .customLong("as"), help: "The user who would do it; yourself if not given.",
    transform: { try AccountName(parsing: $0) })
  var user: AccountName?

  @Argument(help: "What would be done.")
  var action: RepositoryAction

  @Argument(help: "The repository, such as team/api.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(
      .get(
        "authorization",
        [("action", action.rawValue), ("repository", repository.value), ("as", user?.value)]))
    let decision: API.Decision = try client.read(bytes)
    let rule = "\(decision.allowed ? "allowed" : "denied"): \(PlainText.line(decision.rule))"
    print(output.json ? try JSONOutput.pretty(bytes) : rule)
    if !decision.allowed { throw ExitCode.failure }
  }
}
