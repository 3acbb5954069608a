import ArgumentParser
import Images
import Layers
import OCI

/// `berth history`: the steps that made an image.
struct HistoryCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show the instructions that made an image, with the size of each one's layer.",
    discussion: "Sizes are those of the layers as they are transferred; no layer is pulled.")

  @OptionGroup var image: ImageArgument
  @OptionGroup var choice: PlatformOption

  @Flag(help: "Print instructions in their whole length.")
  var full = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let contents = try await ImageContents(try await places.open(image.location), platform: choice.platform)
    let history = HistoryReport(contents)
    try report.print(history, text: history.text(isFull: full))
  }
}
