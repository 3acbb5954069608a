import ArgumentParser
import Catalog
import NIOPosix
import OCI

/// `berth trash`: what was deleted and can be restored.
struct TrashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trash", abstract: "Show or empty the trash, and say how long it is kept.",
    subcommands: [TrashListCommand.self, TrashEmptyCommand.self, TrashWindowCommand.self])
}

/// `berth trash list`
struct TrashListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List deleted tags and manifests that can be restored, what goes first at the front."
  )

  @Argument(
    help: "The repository; all, for administrators, if not given.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  /// The JSON.
  private struct Trash: Encodable {
    let tags: [API.TrashedTag]
    let manifests: [API.TrashedManifest]
  }

  func run(_ client: ManagementClient) async throws {
    let query = ManagementClient.largePages + [("repository", repository?.value)]
    let tags = try await client.list("trash/tags", query: query, of: API.TrashedTag.self).elements
    let manifests = try await client.list("trash/manifests", query: query, of: API.TrashedManifest.self).elements
    guard !output.json else { return print(try JSONOutput.pretty(encoding: Trash(tags: tags, manifests: manifests))) }
    var table = Table("WHAT", "DIGEST", "BYTES", "DELETED", "BY", "KEPT UNTIL")
    for tag in tags {
      table.add(
        "\(tag.repository):\(tag.tag)", tag.digest, "", tag.deletedAt, tag.deletedBy ?? "", tag.keptUntil)
    }
    for manifest in manifests {
      table.add(
        manifest.repository, manifest.digest, ByteText.short(manifest.bytes), manifest.deletedAt,
        manifest.deletedBy ?? "clean-up", manifest.keptUntil)
    }
    print(table.text)
  }
}

/// `berth trash empty`
struct TrashEmptyCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "empty", abstract: "Let go of all that is in the trash, for ever.",
    discussion: "The collector removes the bytes when its grace time is over; `berth gc --grace 0s` does so at once.")

  @Argument(
    help: "The repository; all, for administrators, if not given.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName?

  @Flag(help: "Ask nothing.")
  var yes = false

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    if !yes {
      let what = repository.map { "the trash of \($0)" } ?? "the trash of all repositories"
      let isSure = try await NIOThreadPool.singleton.runIfActive {
        try Terminal(for: "whether to go on", alternative: "write --yes").confirm("Empty \(what) for ever?")
      }
      guard isSure else { throw CommandFailure("nothing was done") }
    }
    let answer = try await client.send(.delete("trash", query: [("repository", repository?.value)]))
    let count = try client.read(answer, as: API.TrashCount.self)
    print("let go of \(count.tags) tags and \(count.manifests) manifests")
  }
}

/// `berth trash window`
struct TrashWindowCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "window", abstract: "Show or change how long an owner's trash is kept.",
    discussion: "What is in the trash already is kept for that time since it was deleted, too.")

  @Argument(help: "The owner, a user or an organization.", transform: { try AccountName(parsing: $0) })
  var owner: AccountName

  @Argument(
    help: ArgumentHelp(
      "How long, such as 30d; 0s keeps nothing, and default is the registry's trash-window.",
      valueName: "duration|default"))
  var window: String?

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let path = "trash/windows/\(owner)"
    let answer: API.TrashWindow = try await client.send(
      window.map { .patch(path, API.TrashWindowChange(window: $0)) } ?? .get(path))
    print(PlainText.line(answer.inherited ? "\(answer.window) (the registry's default)" : answer.window))
  }
}
