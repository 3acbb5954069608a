import ArgumentParser
import Foundation

/// `berth retention set`
struct RetentionSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set the policy of a repository, an owner or the whole registry.",
    discussion: """
      The rules of a repository's policy come first, then its owner's, then the registry's, and the first rule that a tag \
      fits decides. Setting a policy removes nothing: `berth retention plan` shows what would go, and apply removes it.
      """)

  @Argument(
    help: ArgumentHelp(
      "team or team/api, and the YAML file of the policy; with --all-repositories the file alone.",
      valueName: "scope> <file"))
  var words: [String]

  @Flag(help: "All repositories of the registry, in place of a scope.")
  var allRepositories = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard words.count == (allRepositories ? 1 : 2) else {
      throw ValidationError("write a scope and a file, such as team/api policy.yaml, or --all-repositories and a file")
    }
  }

  func run(_ client: ManagementClient) async throws {
    let file = words[words.count - 1]
    let text: String
    do {
      text = try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw CommandFailure("\(file) cannot be read: \(error.localizedDescription)")
    }
    let scope = allRepositories ? "*" : words[0]
    let new = API.NewRetentionPolicy(scope: scope, policy: text)
    let policy: API.RetentionPolicy = try await client.send(.put("retention/policies", new))
    print("set the retention policy of \(PlainText.line(policy.scope))")
  }
}

/// `berth retention show`
struct RetentionShowCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the policy of a scope, or all that you may know of.")

  @OptionGroup var scope: RepositoryScopeOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let query = ManagementClient.largePages + [("scope", scope.scope)]
    let policies = try await client.list("retention/policies", query: query, of: API.RetentionPolicy.self)
    guard !output.json else { return print(try policies.json) }
    for policy in policies.elements {
      print(PlainText.line("# \(policy.scope), set \(policy.setAt) by \(policy.setBy)"))
      for line in policy.policy.split(separator: "\n") { print(PlainText.line(String(line))) }
    }
    if policies.elements.isEmpty { print("there is no policy\(scope.scope.map { " of \($0)" } ?? "")") }
  }
}

/// `berth retention remove`
struct RetentionRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take the policy of a scope away; nothing else is removed.")

  @OptionGroup var scope: RepositoryScopeOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let scope = try scope.required()
    try await client.send(.delete("retention/policies", query: [("scope", scope)]))
    print("removed the retention policy of \(scope)")
  }
}
