import ArgumentParser
import Images
import Layers
import OCI

/// `berth diff`: what changed between two images.
struct DiffCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what changed between two images: config, layers, packages and files.",
    discussion: """
      Packages are those of dpkg and apk. A file has changed where its content, its kind, its owner or its permissions \
      have; times do not count.
      """)

  @Argument(help: ArgumentHelp("The image before.", valueName: "before"), transform: { try ImageLocation(parsing: $0) })
  var before: ImageLocation

  @Argument(help: ArgumentHelp("The image after.", valueName: "after"), transform: { try ImageLocation(parsing: $0) })
  var after: ImageLocation

  @OptionGroup var choice: PlatformOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let old = try await ImageContents(try await places.open(before), platform: choice.platform)
    let new = try await ImageContents(try await places.open(after), platform: choice.platform)
    let oldLayers = try await old.allLayers(keeping: PackageDatabase.isPart)
    let known = Dictionary(zip(old.layers.map(\.digest), oldLayers)) { first, _ in first }
    let newLayers = try await new.allLayers(keeping: PackageDatabase.isPart, known: known)
    let (oldTree, newTree) = (try FileTree(oldLayers), try FileTree(newLayers))
    let difference = ImageDifference(
      from: oldTree, try PackageDatabase(oldTree, oldLayers), to: newTree, try PackageDatabase(newTree, newLayers))
    let result = DifferenceReport(
      from: old, to: new, ConfigDifference(from: old.config, to: new.config), difference)
    try report.print(result, text: result.text)
  }
}
