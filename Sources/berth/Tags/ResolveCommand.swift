import ArgumentParser
import OCI

/// `berth resolve`: what a tag names, or named at a moment.
struct ResolveCommand: TagManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Print the digest that a tag names, or named at a moment.",
    discussion: "The moment may stand behind the tag, as in team/api:latest@2026-11-01.")

  @Argument(help: .tagName)
  var image: String

  @Option(
    help: ArgumentHelp(
      "The moment, such as 2026-11-01T12:00Z, 2026-11-01 or, for what was two hours ago, 2h.",
      valueName: "duration|moment"),
    transform: { try Timestamp(before: .now, $0) })
  var at: Timestamp?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient, _ name: TagName) async throws {
    guard name.digest == nil else { throw ValidationError("a digest names itself: write a tag") }
    guard at == nil || name.moment == nil else {
      throw ValidationError("--at and a moment behind the tag exclude each other: write one")
    }
    let answer = try await client.send(
      .get(
        "resolution",
        [
          ("repository", name.repository.value), ("tag", name.tagOrLatest.value),
          ("at", (at ?? name.moment)?.preciseRFC3339),
        ]))
    guard !output.json else { return print(try JSONOutput.pretty(answer)) }
    print(PlainText.line(try client.read(answer, as: API.TagLifetime.self).digest))
  }
}
