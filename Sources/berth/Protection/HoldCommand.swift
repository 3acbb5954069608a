import ArgumentParser
import OCI

/// `berth hold`: manifests that nobody can delete.
struct HoldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Keep a manifest, with all that it reaches, from being deleted by anybody.",
    discussion: "Its tags may move. `berth unhold` lets it go.",
    subcommands: [HoldAddCommand.self, HoldListCommand.self], defaultSubcommand: HoldAddCommand.self)
}

/// `berth hold add`, which is meant where no other is named.
struct HoldAddCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Hold what a tag names now, or a digest.")

  @Argument(
    help: ArgumentHelp("The manifest: team/api:v1.2.3 or team/api@sha256:….", valueName: "name"),
    transform: { try NamedManifest(parsing: $0) })
  var manifest: NamedManifest

  @Option(help: "Why, in one line; who is refused reads it.")
  var reason: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let new = API.NewHold(
      repository: manifest.repository.value, reference: manifest.reference.description, reason: reason)
    let bytes = try await client.send(.post("holds", new))
    let hold: API.Hold = try client.read(bytes)
    print(output.json ? try JSONOutput.pretty(bytes) : PlainText.line("\(hold.repository)@\(hold.digest) is held"))
  }
}

/// `berth hold list`
struct HoldListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what is held, in the order in which it was.")

  @Argument(help: "Only in this repository.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let query = ManagementClient.largePages + [("repository", repository?.value)]
    let holds = try await client.list("holds", query: query, of: API.Hold.self)
    guard !output.json else { return print(try holds.json) }
    var table = Table("MANIFEST", "SINCE", "BY", "REASON")
    for hold in holds.elements { table.add("\(hold.repository)@\(hold.digest)", hold.heldAt, hold.heldBy, hold.reason) }
    print(table.text)
  }
}

/// `berth unhold`
struct UnholdCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "unhold", abstract: "Let a manifest go that `berth hold` holds.")

  @Argument(
    help: ArgumentHelp(
      "The manifest: team/api@sha256:…, or a tag that still names it, such as team/api:v1.2.3.", valueName: "name"),
    transform: { try NamedManifest(parsing: $0) })
  var manifest: NamedManifest

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("holds", query: manifest.query))
    print("\(manifest) is not held any more")
  }
}
