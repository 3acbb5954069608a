/// An image's configuration, of which what people ask about is read (OCI image spec, "Image Configuration").
public struct ImageConfig: Sendable {
  /// A step of the image's making.
  public struct Step: Hashable, Sendable {
    /// When, as the config writes it (RFC 3339).
    public let created: String?
    /// The instruction.
    public let createdBy: String?
    /// What was said about it.
    public let comment: String?
    /// Whether it made no layer.
    public let isEmptyLayer: Bool
  }

  /// When the image was made, as the config writes it (RFC 3339).
  public let created: String?
  /// Who made it.
  public let author: String?
  /// What it runs on; nil where the config does not say, as with artifacts.
  public let platform: Platform?
  /// The digests of the layers' uncompressed bytes, the lowest first.
  public let layerDigests: [Digest]
  /// The steps, the first one first.
  public let history: [Step]
  /// The whole `config` member: environment, command, labels and what else there is.
  public let runtime: JSONValue
  /// The labels.
  public let labels: [String: String]

  /// Reads the bytes of a config.
  ///
  /// - Throws: `InvalidManifest` for bytes that are no config of an image.
  public init(parsing bytes: [UInt8]) throws(InvalidManifest) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw InvalidManifest("its config is not JSON that can be trusted: \(error)")
    }
    guard case .object = json else { throw InvalidManifest("its config is \(json.kind), not an object") }
    created = try Descriptor.optionalString(json["created"], at: "created")
    author = try Descriptor.optionalString(json["author"], at: "author")
    // The config of an image is shaped like the platform of an index's entry.
    platform = try Platform(json, at: "config")
    layerDigests = try Self.layerDigests(json["rootfs"]?["diff_ids"])
    history = try Self.steps(json["history"])
    runtime = json["config"] ?? .null
    labels = try Descriptor.annotations(json["config"]?["Labels"], at: "config.Labels")
  }

  private static func layerDigests(_ value: JSONValue?) throws(InvalidManifest) -> [Digest] {
    var digests: [Digest] = []
    for element in try elements(value, at: "rootfs.diff_ids") {
      guard case .string(let text) = element else {
        throw InvalidManifest("rootfs.diff_ids holds \(element.kind), not digests")
      }
      do {
        digests.append(try Digest(parsing: text))
      } catch {
        throw InvalidManifest("rootfs.diff_ids: \(error)")
      }
    }
    return digests
  }

  private static func steps(_ value: JSONValue?) throws(InvalidManifest) -> [Step] {
    var steps: [Step] = []
    for (index, element) in try elements(value, at: "history").enumerated() {
      guard case .object = element else { throw InvalidManifest("history[\(index)] is \(element.kind), not an object") }
      let isEmpty = if case .bool(true) = element["empty_layer"] { true } else { false }
      steps.append(
        Step(
          created: try Descriptor.optionalString(element["created"], at: "history[\(index)].created"),
          createdBy: try Descriptor.optionalString(element["created_by"], at: "history[\(index)].created_by"),
          comment: try Descriptor.optionalString(element["comment"], at: "history[\(index)].comment"),
          isEmptyLayer: isEmpty))
    }
    return steps
  }

  private static func elements(_ value: JSONValue?, at place: String) throws(InvalidManifest) -> [JSONValue] {
    switch value {
    case nil, .null: []
    case .array(let elements): elements
    case .some(let other): throw InvalidManifest("\(place) is \(other.kind), not an array")
    }
  }
}
