import ArgumentParser
import Images
import OCI

/// `berth inspect`: what an image or an index is made of.
struct InspectCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what an image is made of: platforms, digests, sizes, layers, labels.",
    discussion: "Of an index every image is shown, or with --platform the one. No layer is pulled.")

  @OptionGroup var image: ImageArgument

  @Option(
    help: ArgumentHelp("Only this platform's image, with its layers.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    let descriptor = try await image.source.mustResolve(image.name)
    let inspection = InspectionReport(
      image.description, try await image.source.inspect(descriptor, platform: platform))
    try report.print(inspection, text: inspection.text)
  }
}
