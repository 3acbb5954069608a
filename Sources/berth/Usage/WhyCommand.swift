import ArgumentParser
import Foundation

/// `berth why`
struct WhyCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Show everything that keeps a manifest or a blob.",
    discussion: """
      Each line is a reason, and what stands further in is what keeps that in turn: tags, indexes, what a signature \
      refers to, holds, rules and the history of tags. Where nothing keeps it, the last line says what becomes of it.
      """)

  @Argument(
    help: ArgumentHelp("What: team/api:v1.2.3, or team/api@sha256:… of a manifest or a blob.", valueName: "name"),
    transform: { try NamedManifest(parsing: $0) })
  var name: NamedManifest

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.get("why", name.query))
    guard !output.json else { return print(try JSONOutput.pretty(bytes)) }
    let keeping: API.Keeping = try client.read(bytes)
    for line in KeepingText(keeping).lines { print(PlainText.line(line)) }
  }
}
