import ArgumentParser
import Catalog

/// `berth org member`: who may do what with an organization's repositories.
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member", abstract: "Manage the members of an organization.",
    subcommands: [MemberSetCommand.self, MemberRemoveCommand.self, MemberListCommand.self])
}

/// `berth org member set`
struct MemberSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Make a user a member, or give a member another role.")

  @Argument(help: "The organization.", transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @Argument(help: "The user.", transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @Argument(help: "read pulls, write pushes as well, admin deletes and manages as well.")
  var role: Role

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(
      .put("organizations/\(organization)/members/\(user)", API.MemberRole(role: role.rawValue)))
    print("\(user) has the role \(role.rawValue) in \(organization)")
  }
}

/// `berth org member remove`
struct MemberRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a member's role away.")

  @Argument(help: "The organization.", transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @Argument(help: "The user.", transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("organizations/\(organization)/members/\(user)"))
    print("\(user) is no member of \(organization) any more")
  }
}

/// `berth org member list`
struct MemberListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List members and their roles.")

  @Argument(help: "The organization.", transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let members = try await client.list("organizations/\(organization)/members", of: API.Member.self)
    guard !output.json else { return print(try members.json) }
    var table = Table("USER", "ROLE")
    for member in members.elements { table.add(member.user, member.role) }
    print(table.text)
  }
}
