public import OCI

/// An image, and the index that it was chosen from.
public struct ChosenImage: Sendable {
  /// What points at the image.
  public let descriptor: Descriptor
  /// The image's manifest.
  public let manifest: Manifest
  /// The index that lists it, where there is one.
  public let index: Descriptor?
}

extension ImageSource {
  /// The one image that is meant: the manifest itself, or the entry of an index for a platform.
  ///
  /// - Parameters:
  ///   - root: an image or an index.
  ///   - platform: what is asked for; nil stands for what there is only one of, or else for this machine's platform.
  /// - Throws: `ImagesError` of the code `missing` where there is no such image; the message lists those there are.
  public func image(_ root: Descriptor, platform: Platform?) async throws -> ChosenImage {
    let manifest = try await mustGet(root)
    guard manifest.kind == .index else {
      if let platform { try await verify(manifest, root, runsOn: platform) }
      return ChosenImage(descriptor: root, manifest: manifest, index: nil)
    }
    let images = try await images(in: manifest)
    guard let chosen = PlatformChoice(images).choose(platform) else {
      let platforms = images.map { $0.platform?.description ?? "\($0.descriptor.digest)" }.joined(separator: ", ")
      let wanted = "\(platform ?? .current)"
      throw ImagesError(
        .missing,
        images.isEmpty
          ? "\(root.digest) in \(place) is an index without images"
          : "\(place) has no image for \(wanted) in \(root.digest); it has: \(platforms); choose with --platform")
    }
    return ChosenImage(descriptor: chosen, manifest: try await mustGet(chosen), index: root)
  }

  /// The entries of an index that are images, with their platforms; those of nested indexes, too.
  func images(in index: Manifest, depth: Int = 0) async throws -> [PlatformChoice.Image] {
    var images: [PlatformChoice.Image] = []
    for entry in index.entries where !entry.isAttestation {
      switch entry.mediaType.manifestKind {
      case .index where depth < 4:
        images += try await self.images(in: try await mustGet(entry), depth: depth + 1)
      case .image:
        images.append(PlatformChoice.Image(descriptor: entry, platform: try await platform(of: entry)))
      case .index, .artifact, nil: continue
      }
    }
    return images
  }

  /// What an entry runs on: the index says so, or else its config.
  private func platform(of entry: Descriptor) async throws -> Platform? {
    if let platform = entry.platform { return platform }
    guard let config = try await manifest(entry)?.config, config.mediaType.isImageConfig else { return nil }
    return try ImageConfig(parsing: try await content(of: config)).platform
  }

  private func verify(_ manifest: Manifest, _ descriptor: Descriptor, runsOn wanted: Platform) async throws {
    guard let config = manifest.config, config.mediaType.isImageConfig else { return }
    guard let platform = try ImageConfig(parsing: try await content(of: config)).platform,
      !platform.satisfies(wanted)
    else { return }
    throw ImagesError(.missing, "\(descriptor.digest) in \(place) is an image for \(platform), and not for \(wanted)")
  }
}

/// Chooses among the images of an index.
struct PlatformChoice {
  /// An image and what it runs on.
  struct Image: Hashable, Sendable {
    let descriptor: Descriptor
    let platform: Platform?
  }

  private let images: [Image]

  init(_ images: [Image]) {
    self.images = images
  }

  /// The image for a platform: the one that fits exactly, or else the first that does.
  ///
  /// - Parameter platform: nil stands for what there is only one of, or else for this machine's platform.
  func choose(_ platform: Platform?) -> Descriptor? {
    if platform == nil, images.count == 1 { return images[0].descriptor }
    let wanted = platform ?? .current
    let fitting = images.filter { $0.platform?.satisfies(wanted) == true }
    return (fitting.first { $0.platform?.variant == wanted.variant } ?? fitting.first)?.descriptor
  }
}

extension Platform {
  /// Linux on the processor that this program was built for.
  public static var current: Platform {
    #if arch(arm64)
      Platform(os: "linux", architecture: "arm64")
    #elseif arch(x86_64)
      Platform(os: "linux", architecture: "amd64")
    #else
      #error("name this processor as Go's GOARCH does")
    #endif
  }
}

extension MediaType {
  /// Whether content of this type is the config of an image that runs, and not of an artifact.
  public var isImageConfig: Bool {
    value == "application/vnd.oci.image.config.v1+json"
      || value == "application/vnd.docker.container.image.v1+json"
  }
}

extension Descriptor {
  /// Whether it is an entry that BuildKit attests an image's making with, and no image that runs.
  public var isAttestation: Bool {
    annotations["vnd.docker.reference.type"] == "attestation-manifest" || platform?.os == "unknown"
  }
}
