/// The type of content, as RFC 6838 spells it (OCI image spec, "Media Types").
public struct MediaType: Hashable, Sendable {
  /// The type as it was pushed, without parameters.
  public let value: String

  /// Reads `type/subtype` of at most 127 bytes each, and leaves out parameters.
  public init(parsing text: some StringProtocol) throws(InvalidMediaType) {
    let bare = text.prefix { $0 != ";" }.utf8.split(separator: UInt8(ascii: " "))
    guard bare.count == 1 else { throw InvalidMediaType(text) }
    let names = bare[0].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard names.count == 2, names.allSatisfy({ Self.isRestrictedName($0) }) else {
      throw InvalidMediaType(text)
    }
    value = String(decoding: bare[0], as: UTF8.self)
  }

  private init(known value: String) {
    self.value = value
  }

  /// RFC 6838, section 4.2, `restricted-name`.
  private static func isRestrictedName(_ name: some Collection<UInt8>) -> Bool {
    guard let first = name.first, name.count <= 127, isAlphanumeric(first) else { return false }
    return name.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

extension MediaType {
  /// An OCI image manifest; it may carry an artifact.
  public static let ociManifest = MediaType(known: "application/vnd.oci.image.manifest.v1+json")
  /// An OCI image index.
  public static let ociIndex = MediaType(known: "application/vnd.oci.image.index.v1+json")
  /// A Docker image manifest, version 2, schema 2.
  public static let dockerManifest = MediaType(known: "application/vnd.docker.distribution.manifest.v2+json")
  /// A Docker manifest list.
  public static let dockerManifestList = MediaType(known: "application/vnd.docker.distribution.manifest.list.v2+json")
  /// The artifact manifest of OCI image spec 1.1's release candidates, which older clients still push.
  public static let ociArtifactManifest = MediaType(known: "application/vnd.oci.artifact.manifest.v1+json")

  /// The empty JSON object that stands where an artifact has no config or no content
  /// (OCI image spec, "Guidance for an Empty Descriptor").
  public static let ociEmpty = MediaType(known: "application/vnd.oci.empty.v1+json")
  /// Bytes of any kind.
  public static let octetStream = MediaType(known: "application/octet-stream")

  /// What the bytes of a manifest of this type are to be read as, or nil where it is no manifest's type.
  public var manifestKind: Manifest.Kind? {
    switch self {
    case .ociManifest, .dockerManifest: .image
    case .ociIndex, .dockerManifestList: .index
    case .ociArtifactManifest: .artifact
    default: nil
    }
  }

  /// Whether layers of this type may be missing, because their owners forbid to distribute them
  /// (OCI image spec, "Non-Distributable Layers").
  public var isNonDistributable: Bool {
    value.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
      || value.hasPrefix("application/vnd.docker.image.rootfs.foreign.")
  }
}

extension MediaType: CustomStringConvertible {
  /// The type as it was pushed.
  public var description: String { value }
}

/// Why a text is not a media type.
public struct InvalidMediaType: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) is not a media type; a media type reads like application/vnd.oci.image.manifest.v1+json"
  }
}
