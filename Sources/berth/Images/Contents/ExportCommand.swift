import ArgumentParser
import Archives
import Images
import Layers
import OCI

/// `berth export`: an image's file system as one tar archive.
struct ExportCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write an image's file system as a tar archive, layers and whiteouts applied.",
    discussion: "Each layer is read twice: for what is in it, and then for the contents that are still to be seen.")

  @OptionGroup var image: ImageArgument

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The archive; it appears when it is whole. Without it, or as -, it is standard output.",
      valueName: "file"))
  var output: String?

  @OptionGroup var choice: PlatformOption
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let contents = try await ImageContents(try await places.open(image.location), platform: choice.platform)
    try await ByteOutput.with(output) { output in
      guard !output.isTerminal else {
        throw CommandFailure(
          "standard output is a terminal, and no place for an archive: write --output FILE or a pipe")
      }
      let archive = try FlatArchive(try await contents.allLayers())
      var writer = TarWriter()
      for entry in archive.plainEntries { try await output.write(try writer.begin(entry)) }
      for layer in contents.layers.indices where archive.hasFiles(ofLayer: layer) {
        try await write(layer, of: contents, archive, &writer, to: output)
      }
      try await output.write(try writer.finish())
    }
  }

  private func write(
    _ layer: Int, of contents: ImageContents, _ archive: FlatArchive, _ writer: inout TarWriter, to output: ByteOutput
  ) async throws {
    var reader = LayerReader(try await contents.bytes(ofLayer: layer))
    var number = -1
    var entries: [TarEntry] = []
    while let event = try await reader.next() {
      switch event {
      case .entry:
        number += 1
        entries = archive.entries(layer: layer, entry: number)
        if let file = entries.first { try await output.write(try writer.begin(file)) }
      case .content(let bytes): if !entries.isEmpty { try await output.write(try writer.write(bytes)) }
      case .endOfEntry:
        for link in entries.dropFirst() { try await output.write(try writer.begin(link)) }
        entries = []
      }
    }
    guard reader.diffID == contents.config.layerDigests[layer] else {
      throw CommandFailure("\(contents.layers[layer].digest) is another one than when it was read first")
    }
  }
}
