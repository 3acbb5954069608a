import ArgumentParser
import Images
import OCI

/// `berth tag`: more names for an image, without moving any bytes.
struct TagCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give an image more tags in its repository.",
    discussion: "Only the manifest is put again; a tag that stands for another image is moved.")

  @OptionGroup var image: ImageArgument

  @Argument(
    help: ArgumentHelp("The new tags, such as v1.2 and latest.", valueName: "tag"),
    transform: { try Tag(parsing: $0) })
  var tags: [Tag]

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// The JSON.
  private struct Outcome: Encodable {
    let digest: String
    let tags: [String]
  }

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    let target = try await places.target(self.image.location)
    let descriptor = try await image.source.mustResolve(image.name)
    let manifest = try await image.source.mustGet(descriptor)
    for tag in tags { try await target.write(manifest, descriptor, at: .named(RefName(tag))) }
    try await target.finish()
    let names = tags.map(\.value)
    try report.print(
      Outcome(digest: descriptor.digest.description, tags: names),
      text: "\(descriptor.digest) is now \(names.joined(separator: ", ")), too")
  }
}
