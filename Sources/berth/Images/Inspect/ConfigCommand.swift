import ArgumentParser
import Images
import NIOCore
import OCI

/// `berth config`: an image's config, byte for byte.
struct ConfigCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Print an image's config, byte for byte as it is stored.",
    discussion: "It is JSON; no line feed is added. The settings of the server are shown by `berth settings`.")

  @OptionGroup var image: ImageArgument
  @OptionGroup var choice: PlatformOption
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    let chosen = try await image.choose(choice.platform)
    guard let config = chosen.manifest.config else {
      throw CommandFailure("\(chosen.descriptor.digest) has no config: it is an artifact of blobs alone")
    }
    let bytes = try await image.source.content(of: config)
    try await ByteOutput.with(nil) { try await $0.write(ByteBuffer(bytes: bytes)) }
  }
}
