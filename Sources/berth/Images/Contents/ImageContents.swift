import Images
import Layers
import NIOCore
import OCI
import RegistryClient

/// An image whose layers can be read.
struct ImageContents: Sendable {
  /// How many layers are read at the same time.
  private static let layersAtOnce = 4

  let image: OpenImage
  let chosen: ChosenImage
  let config: ImageConfig
  private let progress = ReadingProgress()

  /// Chooses an image.
  ///
  /// - Throws: `CommandFailure` for what is an artifact and has no file system.
  init(_ image: OpenImage, platform: Platform?) async throws {
    self.image = image
    chosen = try await image.choose(platform)
    guard let config = chosen.manifest.config, config.mediaType.isImageConfig else {
      throw CommandFailure(
        "\(image.description) is an artifact, and no image with a file system; `berth pull` writes its files")
    }
    self.config = try ImageConfig(parsing: try await image.source.content(of: config))
    guard self.config.layerDigests.count == chosen.manifest.layers.count else {
      throw CommandFailure(
        "\(image.description) has \(chosen.manifest.layers.count) layers and a config that lists "
          + "\(self.config.layerDigests.count): it is not whole; `berth check` says more")
    }
  }

  /// The layers' descriptors, the lowest one first.
  var layers: [Descriptor] { chosen.manifest.layers }

  /// Reads what a layer holds, and verifies it.
  ///
  /// - Parameter keeps: says of which files the content is kept.
  func layer(_ index: Int, keeping keeps: @escaping @Sendable (RootedPath) -> Bool) async throws -> Layer {
    progress.begin(layers[index].size)
    defer { progress.clear() }
    let bytes = try await bytes(ofLayer: index).map { [progress] piece in
      progress.add(piece.readableBytes)
      return piece
    }
    let layer = try await Layer(reading: bytes, keeping: keeps)
    guard layer.diffID == config.layerDigests[index] else {
      throw CommandFailure("\(layers[index].digest) does not hold the layer that the config lists")
    }
    return layer
  }

  /// Reads what all layers hold, the lowest one first.
  ///
  /// - Parameter known: layers that were read already, by their digests.
  func allLayers(
    keeping keeps: @escaping @Sendable (RootedPath) -> Bool = { _ in false }, known: [Digest: Layer] = [:]
  ) async throws -> [Layer] {
    try await withThrowingTaskGroup(of: (Int, Layer).self) { group in
      var read = [Layer?](repeating: nil, count: layers.count)
      var next = 0
      func start() {
        guard next < layers.count else { return }
        let index = next
        next += 1
        group.addTask {
          if let layer = known[layers[index].digest] { return (index, layer) }
          return (index, try await layer(index, keeping: keeps))
        }
      }
      for _ in 0..<Self.layersAtOnce { start() }
      while let (index, layer) = try await group.next() {
        read[index] = layer
        start()
      }
      return read.compactMap { $0 }
    }
  }

  /// Reads a layer's archive.
  func bytes(ofLayer index: Int) async throws -> ByteStream {
    try await image.source.blob(layers[index], from: 0)
  }
}
