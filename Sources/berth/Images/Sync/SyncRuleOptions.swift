import ArgumentParser
import Images
import OCI

/// A rule of `berth sync` as options.
struct SyncRuleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A repository, such as docker.io/library/alpine, or a registry, such as localhost:5000.", valueName: "place"))
  var source: String?

  @Option(
    help: ArgumentHelp(
      "The repository to make the same; for a registry, what its repositories' names begin with.", valueName: "place"),
    transform: { try SyncRule.Target(parsing: $0) })
  var target: SyncRule.Target?

  @Option(
    help: ArgumentHelp(
      "Of a registry, only repositories that fit, such as team/**; may be repeated.", valueName: "glob"),
    transform: { try Glob($0) })
  var repositories: [Glob] = []

  @Option(
    help: ArgumentHelp("Of a registry, no repositories that fit; may be repeated.", valueName: "glob"),
    transform: { try Glob($0) })
  var excludeRepositories: [Glob] = []

  @Option(
    help: ArgumentHelp("Only tags that fit, such as 3.*; may be repeated.", valueName: "glob"),
    transform: { try Glob($0) })
  var tags: [Glob] = []

  @Option(
    help: ArgumentHelp("No tags that fit, such as *-rc*; may be repeated.", valueName: "glob"),
    transform: { try Glob($0) })
  var excludeTags: [Glob] = []

  @Option(
    help: ArgumentHelp("Only tags that this fits as a whole.", valueName: "expression"),
    transform: { try TagExpression($0) })
  var regex: TagExpression?

  @Option(
    help: ArgumentHelp("Only these versions, such as '>=3.18 <4'.", valueName: "range"),
    transform: { try VersionRange(parsing: $0) })
  var semver: VersionRange?

  @Option(help: ArgumentHelp("Only so many of the newest versions.", valueName: "n"))
  var newest: Int?

  @Option(
    help: ArgumentHelp("Only this platform of an index; may be repeated.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: [Platform] = []

  @Flag(help: "Bring signatures, SBOMs and attestations along.")
  var referrers = false

  @Flag(help: "Remove the target's tags that the rule is about and that are not wanted, or not at the source any more.")
  var prune = false

  /// Whether nothing was written.
  var isEmpty: Bool {
    source == nil && target == nil && repositories.isEmpty && excludeRepositories.isEmpty && tags.isEmpty
      && excludeTags.isEmpty && regex == nil && semver == nil && newest == nil && platform.isEmpty && !referrers
      && !prune
  }

  /// The rule that the options make.
  func rule() throws -> SyncRule {
    guard let source, let target else { throw ValidationError("write both --source and --target, or a file of rules") }
    if let newest, newest < 1 { throw ValidationError("--newest is 1 or more") }
    var rule = SyncRule(from: try place(source), to: target)
    rule.tags.include = tags
    rule.tags.exclude = excludeTags
    rule.tags.expression = regex
    rule.tags.versions = semver
    rule.tags.newest = newest
    rule.platforms = platform
    rule.referrers = referrers
    rule.prunes = prune
    return rule
  }

  /// What has a slash is a repository; of the rest, registries have a dot or a colon, or are this machine.
  private func place(_ text: String) throws -> SyncRule.Source {
    do {
      if !text.contains("/"), text.contains(".") || text.contains(":") || text == "localhost" {
        return .registry(
          try RegistryHost(parsing: text), including: repositories, excluding: excludeRepositories)
      }
      let reference = try ImageReference(parsing: text)
      guard reference.tag == nil, reference.digest == nil else {
        throw ValidationError("--source is a repository or a registry; tags are chosen by --tags")
      }
      guard repositories.isEmpty, excludeRepositories.isEmpty else {
        throw ValidationError("--repositories and --exclude-repositories are for a registry; \(text) is one repository")
      }
      return .repository(reference.registry, reference.repository)
    } catch let error as ValidationError {
      throw error
    } catch {
      throw ValidationError("\(error)")
    }
  }
}
