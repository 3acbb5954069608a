internal import OCI

/// The file `manifest.json` of Docker's archives: each image's config, layers and names.
enum DockerArchiveList {
  /// An image as the list has it.
  struct Image: Sendable {
    /// The path of the config.
    let config: String
    /// The paths of the layers, the lowest first.
    let layers: [String]
    /// The names, with tags.
    let names: [ImageReference]
  }

  /// The name of the file.
  static let name = "manifest.json"

  /// The list for images that lie as blobs of a layout.
  static func json(_ entries: [Descriptor], _ images: [Digest: Manifest]) -> [UInt8] {
    var order: [Digest] = []
    var names: [Digest: [String]] = [:]
    for entry in entries {
      if names.updateValue(names[entry.digest] ?? [], forKey: entry.digest) == nil { order.append(entry.digest) }
      if let name = entry.annotations[LayoutIndex.imageNameAnnotation] { names[entry.digest]?.append(familiar(name)) }
    }
    let elements = order.compactMap { digest -> String? in
      guard let manifest = images[digest], let config = manifest.config, manifest.subject == nil else { return nil }
      return JSONText.object([
        ("Config", JSONText.string(LayoutMarker.path(of: config.digest))),
        ("RepoTags", JSONText.array((names[digest] ?? []).map(JSONText.string))),
        ("Layers", JSONText.array(manifest.layers.map { JSONText.string(LayoutMarker.path(of: $0.digest)) })),
      ])
    }
    return Array(JSONText.array(elements).utf8)
  }

  /// Docker's own names leave its registry out.
  private static func familiar(_ name: String) -> String {
    for prefix in ["docker.io/library/", "docker.io/"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }

  /// Reads a list.
  ///
  /// - Parameter place: where it comes from, for messages.
  static func read(_ bytes: [UInt8], from place: String) throws -> [Image] {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw ImagesError(.malformed, "\(place) has a manifest.json that cannot be read: \(error)")
    }
    guard case .array(let elements) = json else {
      throw ImagesError(.malformed, "\(place) has a manifest.json that is \(json.kind), and not a list of images")
    }
    return try elements.map { element in
      guard case .string(let config) = element["Config"], let layers = strings(element["Layers"]),
        let names = strings(element["RepoTags"])
      else {
        throw ImagesError(.malformed, "\(place) has a manifest.json without Config, RepoTags and Layers for each image")
      }
      return Image(config: config, layers: layers, names: names.compactMap { try? ImageReference(parsing: $0) })
    }
  }

  private static func strings(_ value: JSONValue?) -> [String]? {
    switch value {
    case nil, .null: return []
    case .array(let elements):
      let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == elements.count ? texts : nil
    default: return nil
    }
  }
}
