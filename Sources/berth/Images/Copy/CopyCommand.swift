import ArgumentParser
import Images
import OCI

/// `berth copy`: one image to one place or several.
struct CopyCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy", abstract: "Copy an image from one place to one or several others.",
    discussion: """
      A place is a registry's image, such as registry.example.org/team/app:v1, a layout (oci:FOLDER[:NAME]) or an \
      archive (oci-archive:FILE[:NAME], docker-archive:FILE[:NAME]). An index is copied whole, and digests stay as \
      they are, unless --platform asks for a part. What is there already is not transferred, and within a registry \
      blobs are mounted. Where one destination fails, the others are done, and the exit status is 1.
      """)

  @Argument(help: ArgumentHelp("What to copy.", valueName: "source"), transform: { try ImageLocation(parsing: $0) })
  var source: ImageLocation

  @Argument(
    help: ArgumentHelp("Where to; in a registry the tag is latest where none is written.", valueName: "destination"),
    transform: { try ImageLocation(parsing: $0) })
  var destinations: [ImageLocation]

  @OptionGroup var copying: CopyingOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    try await ImageTransfer(places: places, copying: copying, report: report).run(from: source, to: destinations)
  }
}
