import ArgumentParser
import Catalog
import Foundation
import OCI

/// `berth protect`: rules for tags that may not change.
struct ProtectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "protect", abstract: "Keep tags from being moved and deleted.",
    subcommands: [
      ProtectAddCommand.self, ProtectListCommand.self, ProtectRemoveCommand.self, ProtectExplainCommand.self,
    ])
}

/// `berth protect add`
struct ProtectAddCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Put a rule in force, for tags that are there already, too.",
    discussion: """
      A tag that fits can be set once; then it is neither moved nor deleted, by whatever way. Pushing the same content \
      again is fine. All but latest and main: --tags '*' --tags '!latest' --tags '!main'.
      """)

  @Option(
    help: "What to call the rule; refusals tell it.", transform: { try RuleName(parsing: $0) })
  var name: RuleName

  @Option(
    name: .customLong("repository"),
    help: ArgumentHelp(
      "The repositories: team for all of an owner's, team/api for one, or a pattern such as team/*, team/** or **.",
      valueName: "pattern"),
    transform: { try RepositoryPattern(parsing: $0) })
  var repositories: RepositoryPattern

  @Option(
    help: ArgumentHelp(
      "The tags: a pattern such as v*, semver for semantic versions, or !v0* for what is left out. Can be given again.",
      valueName: "pattern"))
  var tags: [String]

  @Flag(
    help: "Let the tags move, and keep all that has or had one of them from being deleted.")
  var digests = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    do {
      _ = try TagPatterns(parsing: tags)
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run(_ client: ManagementClient) async throws {
    let scope: NewProtectionRule.Scope = digests ? .digests : .tags
    let new = API.NewProtectionRule(
      name: name.value, repositories: repositories.description, tags: tags, protects: scope.rawValue)
    let bytes = try await client.send(.post("protection-rules", new))
    let rule: API.ProtectionRule = try client.read(bytes)
    print(output.json ? try JSONOutput.pretty(bytes) : "made the rule \(PlainText.line(rule.text))")
  }
}

/// `berth protect list`
struct ProtectListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the rules, all that you may know of or those that hold in a repository.")

  @Argument(help: "The repository, such as team/api.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let query = ManagementClient.largePages + [("repository", repository?.value)]
    let rules = try await client.list("protection-rules", query: query, of: API.ProtectionRule.self)
    guard !output.json else { return print(try rules.json) }
    var table = Table("NAME", "REPOSITORIES", "TAGS", "PROTECTS", "MADE", "BY")
    for rule in rules.elements {
      table.add(
        rule.name, rule.repositories, rule.tags.joined(separator: " "), rule.protects, rule.madeAt, rule.madeBy)
    }
    print(table.text)
  }
}

/// `berth protect remove`
struct ProtectRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a rule away.")

  @Argument(help: "The rule's name, which `berth protect list` shows.", transform: { try RuleName(parsing: $0) })
  var name: RuleName

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("protection-rules/\(name)"))
    print("took away the rule \(name)")
  }
}

/// `berth protect explain`
struct ProtectExplainCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say which rules and holds keep a tag or a manifest.")

  @Argument(
    help: ArgumentHelp("A tag, set or not, or a digest: team/api:v1.2.3 or team/api@sha256:….", valueName: "name"),
    transform: { try NamedManifest(parsing: $0) })
  var manifest: NamedManifest

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.get("protection", manifest.query))
    guard !output.json else { return print(try JSONOutput.pretty(bytes)) }
    let protection: API.Protection = try client.read(bytes)
    print(protection.digest.map { "\(manifest) names \(PlainText.line($0))" } ?? "\(manifest) is not set")
    if protection.reasons.isEmpty { print("nothing keeps it") }
    for reason in protection.reasons { print(PlainText.line(reason.reason)) }
  }
}

extension API.ProtectionRule {
  /// The rule in a line.
  fileprivate var text: String {
    let what = protects == "digests" ? "digests of tags" : "tags"
    return "\(name): \(what) \(tags.joined(separator: " ")) of \(repositories)"
  }
}
