import ArgumentParser
import Catalog

/// `berth user`: the people who may log in.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Manage users.",
    subcommands: [
      UserAddCommand.self, UserListCommand.self, UserRemoveCommand.self, UserPasswordCommand.self, UserSetCommand.self,
      UserImportCommand.self,
    ])
}

/// `berth user list`
struct UserListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List users.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let users = try await client.list("users", query: ManagementClient.largePages, of: API.Account.self)
    guard !output.json else { return print(try users.json) }
    var table = Table("USER", "ADMINISTRATOR", "DISABLED", "DEFAULT VISIBILITY", "CREATED")
    for user in users.elements {
      table.add(
        user.name, user.administrator ? "yes" : "no", user.disabled ? "yes" : "no", user.defaultVisibility,
        user.createdAt)
    }
    print(table.text)
  }
}

/// `berth user remove`
struct UserRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a user with its tokens and memberships.",
    discussion:
      "A user that owns repositories with manifests stays; `berth user set USER --disabled true` locks it out.")

  @Argument(help: "The user.", transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("users/\(user)"))
    print("removed \(user)")
  }
}

/// `berth user set`
struct UserSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change a user; what is not given stays.")

  @Argument(help: "The user.", transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @Option(help: ArgumentHelp("Whether the user may do everything on this registry.", valueName: "true|false"))
  var admin: Bool?

  @Option(help: ArgumentHelp("Whether nothing of the user may be used to log in.", valueName: "true|false"))
  var disabled: Bool?

  @Option(
    help: ArgumentHelp(
      "Who may pull from its repositories that say nothing of their own.", valueName: "visibility"))
  var defaultVisibility: Visibility?

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard admin != nil || disabled != nil || defaultVisibility != nil else {
      throw ValidationError("there is nothing to change: give --admin, --disabled or --default-visibility")
    }
  }

  func run(_ client: ManagementClient) async throws {
    let change = API.UserChange(
      administrator: admin, disabled: disabled, defaultVisibility: defaultVisibility?.rawValue)
    try await client.send(.patch("users/\(user)", change))
    print("changed \(user)")
  }
}
