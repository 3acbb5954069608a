import ArgumentParser
import Catalog

/// `berth token`: credentials for people's clients and for machines.
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Manage tokens of users, and robots of organizations.",
    subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

/// `berth token list`
struct TokenListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List tokens, without their secrets, which nobody knows any more.")

  @Option(
    help: "A user or an organization; yourself where it is not given.", transform: { try AccountName(parsing: $0) })
  var owner: AccountName?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let tokens = try await client.list("tokens", query: [("owner", owner?.value)], of: API.Token.self)
    guard !output.json else { return print(try tokens.json) }
    var table = Table(
      "ID", "NAME", "OWNER", "KIND", "SCOPES", "REPOSITORIES", "CREATED", "EXPIRES", "LAST USED", "FROM")
    for token in tokens.elements {
      table.add(
        String(token.id), token.name, token.owner, token.kind, token.scopes.joined(separator: ","),
        token.repositories.isEmpty ? "all" : token.repositories.joined(separator: ","), token.createdAt,
        token.expiresAt ?? "never", token.lastUsedAt ?? "never", token.lastUsedFrom ?? "")
    }
    print(table.text)
  }
}

/// `berth token revoke`
struct TokenRevokeCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Revoke a token at once.")

  @Argument(help: "The token's number, which `berth token list` shows.")
  var id: Int64

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard id > 0 else { throw ValidationError("a token's number is 1 or more") }
  }

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("tokens/\(id)"))
    print("revoked token \(id)")
  }
}
