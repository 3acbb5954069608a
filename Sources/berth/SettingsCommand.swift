import ArgumentParser
import Foundation
import Server

/// `berth settings`: what is in force, and where each value came from.
struct SettingsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "Print the settings in force and where each value came from.",
    usage: "berth settings [--json | --documentation] [--<setting> <value> ...]",
    discussion: Settings.help)

  @Flag(help: "Print a JSON array of objects with name, value and source.")
  var json = false

  @Flag(help: "Print the documentation of all settings, docs/configuration.md.")
  var documentation = false

  @OptionGroup var settings: SettingsArguments

  func validate() throws {
    if json && documentation { throw ValidationError("--json and --documentation exclude each other: write one") }
  }

  func run() async throws {
    if documentation {
      print(Settings.documentation(), terminator: "")
      return
    }
    let effective = try await settings.load().effective
    print(json ? try Self.json(effective) : Self.table(effective))
  }

  private static func json(_ settings: [EffectiveSetting]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(settings), as: UTF8.self)
  }

  private static func table(_ settings: [EffectiveSetting]) -> String {
    var table = Table("SETTING", "VALUE", "SOURCE")
    for setting in settings { table.add(setting.name, setting.value, setting.source) }
    return table.text
  }
}
