import ArgumentParser

/// `berth retention`: what is kept for how long.
struct RetentionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention", abstract: "Say what is kept for how long, see what goes by that, and remove it.",
    subcommands: [
      RetentionSetCommand.self, RetentionShowCommand.self, RetentionRemoveCommand.self, RetentionPlanCommand.self,
      RetentionApplyCommand.self, RetentionUndoCommand.self, RetentionRunsCommand.self, RetentionReportCommand.self,
    ])
}
