import ArgumentParser
import Catalog
import OCI

/// `berth repository`: repositories, with something in them or not.
struct RepositoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repository", abstract: "Manage repositories.",
    subcommands: [RepositoryCreateCommand.self, RepositoryListCommand.self])
}

/// `berth repository create`
struct RepositoryCreateCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make an empty repository, as where create-on-push is off.")

  @Argument(
    help: "The name, which begins with its owner's, such as team/api.", transform: { try RepositoryName(parsing: $0) })
  var name: RepositoryName

  @Option(help: "Who may pull; the owner's default if not given.")
  var visibility: Visibility?

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let new = API.NewRepository(name: name.value, visibility: visibility?.rawValue)
    let made: API.Repository = try await client.send(.post("repositories", new))
    print("made \(name): \(made.visibilityText)")
  }
}

/// `berth repository list`
struct RepositoryListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the repositories that you may pull from.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let repositories = try await client.list("repositories", query: ManagementClient.largePages, of: String.self)
    guard !output.json else { return print(try repositories.json) }
    var table = Table("REPOSITORY")
    for name in repositories.elements { table.add(name) }
    print(table.text)
  }
}
