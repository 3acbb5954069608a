import ArgumentParser
import Images
import NIOCore
import OCI

/// `berth manifest`: a manifest, byte for byte.
struct ManifestCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest",
    abstract: "Print a manifest or an index, byte for byte as it is stored.",
    discussion: "It is JSON, and its SHA-256 is the image's digest; no line feed is added.")

  @OptionGroup var image: ImageArgument

  @Option(
    help: ArgumentHelp(
      "The manifest of this platform's image, where the name is that of an index.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?

  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    let descriptor = try await image.source.mustResolve(image.name)
    let manifest =
      platform == nil
      ? try await image.source.mustGet(descriptor)
      : try await image.source.image(descriptor, platform: platform).manifest
    try await ByteOutput.with(nil) { try await $0.write(ByteBuffer(bytes: manifest.bytes)) }
  }
}
