import ArgumentParser
import Foundation
import Server

/// `berth quota`: how much owners and repositories may have.
struct QuotaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quota", abstract: "Say how much owners and repositories may have.",
    subcommands: [
      QuotaSetCommand.self, QuotaShowCommand.self, QuotaListCommand.self, QuotaRemoveCommand.self,
    ])
}

/// `berth quota set`
struct QuotaSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set a quota in place of the one that there is, if any.",
    discussion: """
      Nothing goes where there is more already: pushes that add to it are refused until there is room again. What is in \
      the trash does not count.
      """)

  @Argument(
    help: ArgumentHelp("team for all of an owner's repositories together, or team/api for one.", valueName: "scope"))
  var scope: String

  @Argument(help: ArgumentHelp("How much there may be, such as 50GiB.", valueName: "size"), transform: Self.size)
  var limit: ByteCount

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let quota: API.Quota = try await client.send(.put("quotas", API.NewQuota(scope: scope, limit: limit.bytes)))
    print(
      PlainText.line("\(quota.scope) may have \(ByteText.short(quota.limit)), and has \(ByteText.short(quota.used))"))
  }

  private static func size(_ text: String) throws -> ByteCount {
    do {
      return try ByteCount(parsing: text)
    } catch {
      throw ValidationError(error.message)
    }
  }
}

/// `berth quota show`
struct QuotaShowCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a quota, and how much there is.")

  @Argument(help: "team or team/api.")
  var scope: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let quotas = try await client.list("quotas", query: [("scope", scope)], of: API.Quota.self)
    guard !output.json else { return print(try quotas.json) }
    guard let quota = quotas.elements.first else {
      return print(PlainText.line("there is no quota of \(scope) that you may see"))
    }
    print(
      PlainText.line("\(quota.scope) may have \(ByteText.short(quota.limit)), and has \(ByteText.short(quota.used))"))
    print(PlainText.line("set \(quota.setAt) by \(quota.setBy)"))
  }
}

/// `berth quota list`
struct QuotaListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the quotas of the owners in which you have a role.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let quotas = try await client.list("quotas", query: ManagementClient.largePages, of: API.Quota.self)
    guard !output.json else { return print(try quotas.json) }
    var table = Table("SCOPE", "USED", "LIMIT", "SET", "BY")
    for quota in quotas.elements {
      table.add(
        quota.scope, ByteText.short(quota.used), ByteText.short(quota.limit), quota.setAt, quota.setBy)
    }
    print(table.text)
  }
}

/// `berth quota remove`
struct QuotaRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a quota away.")

  @Argument(help: "team or team/api.")
  var scope: String

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("quotas", query: [("scope", scope)]))
    print(PlainText.line("\(scope) may have any amount again"))
  }
}
