import ArgumentParser
import Images
import OCI

/// `berth digest`: what a name stands for.
struct DigestCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "digest", abstract: "Print the digest that an image's name stands for.")

  @OptionGroup var image: ImageArgument

  @Option(
    help: ArgumentHelp(
      "The digest of this platform's image, where the name is that of an index.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    var descriptor = try await image.source.mustResolve(image.name)
    if platform != nil { descriptor = try await image.source.image(descriptor, platform: platform).descriptor }
    try report.print(DescriptorReport(descriptor), text: descriptor.digest.description)
  }
}
