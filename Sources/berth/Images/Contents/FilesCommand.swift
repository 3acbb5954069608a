import ArgumentParser
import Archives
import Images
import Layers
import OCI

/// `berth files`: what is in an image's file system.
struct FilesCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "files", abstract: "List the files of an image, all layers laid over each other.")

  @OptionGroup var image: ImageArgument

  @Argument(
    help: "Only what is at this path and below it.",
    transform: { try RootedPath(ArchivePath($0)) })
  var path: RootedPath?

  @Flag(name: [.customShort("l"), .long], help: "Permissions, owner, size, time and layer as well.")
  var long = false

  @OptionGroup var choice: PlatformOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let contents = try await ImageContents(try await places.open(image.location), platform: choice.platform)
    let tree = try FileTree(try await contents.allLayers())
    var files = tree.files
    if let path {
      guard let start = try tree.resolve(path)?.path else {
        throw CommandFailure("\(image.location) has nothing at \(path)")
      }
      files = files.filter { $0.path == start || $0.path.isBelow(start) }
    }
    let lines = files.map { FileReport($0, contents) }
    try report.print(lines, text: lines.map { long ? $0.longLine : $0.line }.joined(separator: "\n"))
  }
}
