import ArgumentParser
import Archives
import Images
import Layers
import NIOCore
import OCI

/// `berth cat`: one file of an image.
struct CatCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Write a file of an image to standard output or a file.",
    discussion: "Links are followed. Layers are read from the top down, until none below can change what is there.")

  @OptionGroup var image: ImageArgument

  @Argument(help: "The file's path.", transform: { try RootedPath(ArchivePath($0)) })
  var path: RootedPath

  @Option(
    name: [.short, .long], help: ArgumentHelp("The file to write; it appears when it is whole.", valueName: "file"))
  var output: String?

  @OptionGroup var choice: PlatformOption
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let contents = try await ImageContents(try await places.open(image.location), platform: choice.platform)
    var locator = FileLocator(path, layerCount: contents.layers.count)
    var layers: [Int: Layer] = [:]
    while let next = locator.nextLayer {
      let layer = try await contents.layer(next) { [path] in $0 == path }
      layers[next] = layer
      try locator.add(layer)
    }
    guard case .found(let file) = locator.answer else {
      throw CommandFailure("\(image.location) has nothing at \(path)")
    }
    guard let place = file.content else {
      throw CommandFailure(
        file.kind == .directory
          ? "\(path) is a directory; `berth files` lists what is in it" : "\(path) is no file with content")
    }
    try await ByteOutput.with(output) { output in
      if let bytes = layers[place.layer]?.contents[place.entry] {
        try await output.write(ByteBuffer(bytes: bytes))
      } else {
        try await write(file, at: place, of: contents, to: output)
      }
    }
  }

  /// Reads the layer once more, up to the file.
  private func write(
    _ file: FileTree.File, at place: FileTree.Content, of contents: ImageContents, to output: ByteOutput
  ) async throws {
    var reader = LayerReader(try await contents.bytes(ofLayer: place.layer))
    var hasher = Digest.Hasher(.sha256)
    if try await reader.seek(toEntry: place.entry) != nil {
      while case .content(let bytes) = try await reader.next() {
        bytes.withUnsafeReadableBytes { hasher.update($0) }
        try await output.write(bytes)
      }
    }
    guard hasher.finalize() == file.digest else {
      throw CommandFailure("\(contents.layers[place.layer].digest) is another one than when it was read first")
    }
  }
}
