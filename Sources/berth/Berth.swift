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
    subcommands: [
      ServeCommand.self, SettingsCommand.self, DoctorCommand.self, GCCommand.self, RetentionCommand.self,
      QuotaCommand.self, UsageCommand.self, WhyCommand.self, ReplicationCommand.self, WebhookCommand.self,
    ],
    groupedSubcommands: [
      CommandGroup(
        name: "Images",
        subcommands: [
          CopyCommand.self, SyncCommand.self, PushCommand.self, PullCommand.self, AttachCommand.self, TagCommand.self,
          DeleteCommand.self, InspectCommand.self, ManifestCommand.self, ConfigCommand.self, DigestCommand.self,
          BlobCommand.self, ReferrersCommand.self, ListTagsCommand.self, CatalogCommand.self, HistoryCommand.self,
          AnalyzeCommand.self, DiffCommand.self, FilesCommand.self, CatCommand.self, ExportCommand.self,
          CheckCommand.self,
        ]),
      CommandGroup(name: "Protection", subcommands: [ProtectCommand.self, HoldCommand.self, UnholdCommand.self]),
      CommandGroup(
        name: "Tags",
        subcommands: [
          LogCommand.self, ResolveCommand.self, RollbackCommand.self, PromoteCommand.self, TrashCommand.self,
          RestoreCommand.self,
        ]),
      CommandGroup(name: "Delivery", subcommands: [MetaCommand.self, PinCommand.self]),
      CommandGroup(
        name: "Access",
        subcommands: [
          LoginCommand.self, LogoutCommand.self, WhoAmICommand.self, UserCommand.self, OrganizationCommand.self,
          TokenCommand.self, RepositoryCommand.self, VisibilityCommand.self, AuthorizationCommand.self,
          AuditCommand.self,
        ]),
    ])
}
