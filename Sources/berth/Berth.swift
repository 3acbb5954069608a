import ArgumentParser

/// The `berth` command.
@main
struct Berth: AsyncParsableCommand {
  /// The version of the executable and of everything it names itself with.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "berth",
    abstract: "A container registry in one executable.",
    version: version,
    subcommands: [ServeCommand.self, SettingsCommand.self, DoctorCommand.self, GCCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "Access",
        subcommands: [
          LoginCommand.self, LogoutCommand.self, WhoAmICommand.self, UserCommand.self, OrganizationCommand.self,
          TokenCommand.self, RepositoryCommand.self, VisibilityCommand.self, AuthorizationCommand.self,
          AuditCommand.self,
        ])
    ])
}
