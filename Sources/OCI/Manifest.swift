/// A manifest: the bytes as they were pushed, never encoded again, and what a registry must know of them
/// (OCI image spec, "Image Manifest" and "Image Index"; Docker schema 2).
public struct Manifest: Sendable {
  /// The shapes that a manifest has.
  public enum Kind: Hashable, Sendable {
    /// A config and layers; also an artifact in that shape.
    case image
    /// A list of manifests.
    case index
    /// The artifact manifest of the image spec's 1.1 release candidates: blobs alone.
    case artifact
  }

  /// The bytes as they were pushed.
  public let bytes: [UInt8]
  /// The type they were pushed with.
  public let mediaType: MediaType
  /// The shape they have.
  public let kind: Kind
  /// The config, of an image.
  public let config: Descriptor?
  /// The layers of an image, or the blobs of an artifact.
  public let layers: [Descriptor]
  /// The entries of an index. BuildKit's cache lists layers there.
  public let entries: [Descriptor]
  /// What this manifest refers to; it need not be there yet.
  public let subject: Descriptor?
  /// The type of what the manifest carries, as a list of referrers shows it: its `artifactType`, or else its config's
  /// media type (OCI distribution spec, "Listing Referrers").
  public let artifactType: String?
  /// What its owner says of it.
  public let annotations: [String: String]

  /// Reads a manifest.
  ///
  /// - Parameters:
  ///   - bytes: the body of the push.
  ///   - contentType: the type it was pushed with; where it names no manifest's type, the body's own `mediaType` and
  ///     its shape decide.
  /// - Throws: `InvalidManifest`, with what was wrong.
  public init(parsing bytes: [UInt8], contentType: MediaType?) throws(InvalidManifest) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw InvalidManifest("it is not JSON that can be trusted: \(error)")
    }
    guard case .object = json else { throw InvalidManifest("it is \(json.kind), not an object") }

    (mediaType, kind) = try Self.type(of: json, contentType: contentType)
    if kind != .artifact {
      guard case .integer(2) = json["schemaVersion"] else { throw InvalidManifest("its schemaVersion is not 2") }
    }
    config = kind == .image ? try Self.required(json, "config") : nil
    layers =
      switch kind {
      case .image: try Self.descriptors(json["layers"], at: "layers")
      case .artifact: try Self.descriptors(json["blobs"], at: "blobs")
      case .index: []
      }
    if kind == .index {
      guard json["manifests"] != nil else { throw InvalidManifest("it is an index without manifests") }
      entries = try Self.descriptors(json["manifests"], at: "manifests")
    } else {
      entries = []
    }
    subject = try Self.optional(json, "subject")
    artifactType =
      try Descriptor.optionalString(json["artifactType"], at: "artifactType") ?? config?.mediaType.value
    annotations = try Descriptor.annotations(json["annotations"], at: "annotations")
    self.bytes = bytes
  }

  private static func type(
    of json: JSONValue, contentType: MediaType?
  ) throws(InvalidManifest) -> (MediaType, Kind) {
    var own: MediaType?
    if let text = try Descriptor.optionalString(json["mediaType"], at: "mediaType") {
      do {
        own = try MediaType(parsing: text)
      } catch {
        throw InvalidManifest("mediaType: \(error)")
      }
    }
    if let old = [contentType, own].compactMap({ $0 }).first(where: \.isDockerSchema1) {
      throw InvalidManifest("\(old) is Docker's schema 1, which is not taken; push schema 2 or an OCI manifest")
    }
    if let contentType, let kind = contentType.manifestKind {
      if let own, own != contentType {
        throw InvalidManifest("it was pushed as \(contentType), and its mediaType says \(own)")
      }
      try rejectForeignMembers(of: json, kind: kind)
      return (contentType, kind)
    }
    if let own, let kind = own.manifestKind {
      try rejectForeignMembers(of: json, kind: kind)
      return (own, kind)
    }
    let isIndex = json["manifests"] != nil
    guard isIndex != (json["config"] != nil || json["layers"] != nil) else {
      throw InvalidManifest("neither its Content-Type nor its mediaType nor its members say which manifest it is")
    }
    return isIndex ? (own ?? .ociIndex, .index) : (own ?? .ociManifest, .image)
  }

  /// A body that could be read as image and as index is taken as neither (CVE-2021-41190).
  private static func rejectForeignMembers(of json: JSONValue, kind: Kind) throws(InvalidManifest) {
    let foreign = kind == .index ? ["config", "layers"] : ["manifests"]
    for member in foreign where json[member] != nil {
      throw InvalidManifest("a manifest of its type has no \(member)")
    }
  }

  private static func required(_ json: JSONValue, _ name: String) throws(InvalidManifest) -> Descriptor {
    guard let descriptor = try optional(json, name) else { throw InvalidManifest("it has no \(name)") }
    return descriptor
  }

  private static func optional(_ json: JSONValue, _ name: String) throws(InvalidManifest) -> Descriptor? {
    switch json[name] {
    case nil, .null: nil
    case .some(let value): try Descriptor(value, at: name)
    }
  }

  private static func descriptors(_ value: JSONValue?, at place: String) throws(InvalidManifest) -> [Descriptor] {
    switch value {
    case nil, .null: return []
    case .array(let elements):
      var descriptors: [Descriptor] = []
      descriptors.reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() {
        descriptors.append(try Descriptor(element, at: "\(place)[\(index)]"))
      }
      return descriptors
    case .some(let other): throw InvalidManifest("\(place) is \(other.kind), not an array")
    }
  }
}

extension Manifest {
  /// The blobs that must be in the repository before the manifest is taken, each once.
  public var requiredBlobs: Set<Digest> {
    Set(([config].compactMap { $0 } + layers).filter { !$0.mediaType.isNonDistributable }.map(\.digest))
  }

  /// The blobs that are kept where they are there, and may be missing.
  public var optionalBlobs: Set<Digest> {
    Set(layers.filter(\.mediaType.isNonDistributable).map(\.digest)).subtracting(requiredBlobs)
  }

  /// The entries of an index, each digest once.
  public var entryDigests: Set<Digest> { Set(entries.map(\.digest)) }
}

extension MediaType {
  fileprivate var isDockerSchema1: Bool {
    value.hasPrefix("application/vnd.docker.distribution.manifest.v1+")
  }
}

/// Why a body is not a manifest.
public struct InvalidManifest: Error, Hashable, CustomStringConvertible {
  /// What was wrong.
  public let description: String

  init(_ reason: String) {
    description = "the body is not a manifest: \(reason)"
  }
}
