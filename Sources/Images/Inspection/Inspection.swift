public import OCI

/// What people want to know of a manifest without pulling what it refers to.
public struct Inspection: Sendable {
  /// What points at it.
  public let descriptor: Descriptor
  /// The manifest, an index perhaps.
  public let manifest: Manifest
  /// The images: the manifest itself, or those an index lists.
  public let images: [InspectedImage]
  /// What else an index lists, such as attestations.
  public let others: [Descriptor]
}

/// What people want to know of an image.
public struct InspectedImage: Sendable {
  /// What points at its manifest.
  public let descriptor: Descriptor
  /// Its manifest.
  public let manifest: Manifest
  /// Its config; nil for an artifact.
  public let config: ImageConfig?

  /// What it runs on, as its index says or else its config.
  public var platform: Platform? { descriptor.platform ?? config?.platform }
  /// The bytes of its layers as they are transferred.
  public var layersSize: Int64 { manifest.layers.reduce(0) { $0 + $1.size } }
}

extension ImageSource {
  /// Looks at a manifest and at the configs of its images.
  ///
  /// - Parameter platform: for an index, the one image to look at; nil for all.
  public func inspect(_ root: Descriptor, platform: Platform? = nil) async throws -> Inspection {
    if platform != nil {
      let image = try await image(root, platform: platform)
      return Inspection(
        descriptor: image.descriptor, manifest: image.manifest,
        images: [try await inspected(image.descriptor, image.manifest)], others: [])
    }
    let manifest = try await mustGet(root)
    guard manifest.kind == .index else {
      return Inspection(
        descriptor: root, manifest: manifest, images: [try await inspected(root, manifest)], others: [])
    }
    let entries = manifest.entries.filter { !$0.isAttestation && $0.mediaType.manifestKind == .image }
    let listed = Set(entries)
    let images = try await withThrowingTaskGroup(of: (Int, InspectedImage).self) { group in
      for (place, entry) in entries.enumerated() {
        group.addTask { (place, try await inspected(entry, try await mustGet(entry))) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    return Inspection(
      descriptor: root, manifest: manifest, images: images.sorted { $0.0 < $1.0 }.map(\.1),
      others: manifest.entries.filter { !listed.contains($0) })
  }

  private func inspected(_ descriptor: Descriptor, _ manifest: Manifest) async throws -> InspectedImage {
    guard let config = manifest.config, config.mediaType.isImageConfig else {
      return InspectedImage(descriptor: descriptor, manifest: manifest, config: nil)
    }
    let bytes = try await content(of: config)
    return InspectedImage(descriptor: descriptor, manifest: manifest, config: try ImageConfig(parsing: bytes))
  }
}
