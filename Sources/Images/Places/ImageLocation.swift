public import OCI

/// Where an image is, or is to be, as command lines write it.
public enum ImageLocation: Hashable, Sendable {
  /// In a registry: `registry.example.org/team/app:tag`, with or without `docker://` before it.
  case registry(ImageReference)
  /// In a folder: `oci:folder`, `oci:folder:name`, `oci:folder@digest`.
  case layout(path: String, ImageName?)
  /// In a tar archive of such a folder: `oci-archive:file.tar`, with a name or a digest as above.
  case layoutArchive(path: String, ImageName?)
  /// In an archive as `docker save` writes and `docker load` reads them: `docker-archive:file.tar`, or with a whole
  /// name behind it, `docker-archive:file.tar:team/app:v1`.
  case dockerArchive(path: String, ImageReference?)

  /// Reads a location.
  ///
  /// - Throws: `InvalidImageLocation`, with what would be right.
  public init(parsing text: some StringProtocol) throws(InvalidImageLocation) {
    let text = String(text)
    do {
      if let rest = Self.rest(of: text, behind: "oci:") {
        let (path, name) = try Self.split(rest)
        self = .layout(path: path, name)
      } else if let rest = Self.rest(of: text, behind: "oci-archive:") {
        let (path, name) = try Self.split(rest)
        self = .layoutArchive(path: path, name)
      } else if let rest = Self.rest(of: text, behind: "docker-archive:") {
        let colon = rest.firstIndex(of: ":")
        let name = colon.map { String(rest[rest.index(after: $0)...]) }
        self = .dockerArchive(
          path: try Self.path(rest[..<(colon ?? rest.endIndex)]), try name.map { try ImageReference(parsing: $0) })
      } else if let foreign = Self.foreignTransports.first(where: { text.hasPrefix($0) }) {
        throw ImagesError(
          .unsupported, "\(foreign) is not known here; images are in registries, oci:, oci-archive: and docker-archive:"
        )
      } else {
        self = .registry(try ImageReference(parsing: Self.rest(of: text, behind: "docker://") ?? text[...]))
      }
    } catch {
      throw InvalidImageLocation(text, reason: "\(error)")
    }
  }

  /// What Skopeo knows besides; as the host of a registry they would lead into the void.
  private static let foreignTransports = [
    "dir:", "docker-daemon:", "containers-storage:", "sif:", "ostree:", "tarball:", "http://", "https://",
  ]

  private static func rest(of text: String, behind prefix: String) -> Substring? {
    text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
  }

  /// Splits at the `@` of a digest, or else at the first `:`, because names may hold colons and slashes, and paths do
  /// not hold colons here, as with Skopeo.
  private static func split(_ text: Substring) throws -> (String, ImageName?) {
    if let mark = text.lastIndex(of: "@"), let digest = try? Digest(parsing: text[text.index(after: mark)...]) {
      return (try path(text[..<mark]), .digest(digest))
    }
    guard let colon = text.firstIndex(of: ":") else { return (try path(text), nil) }
    let name = try RefName(parsing: text[text.index(after: colon)...])
    return (try path(text[..<colon]), .name(name))
  }

  private static func path(_ text: Substring) throws -> String {
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw ImagesError(.unsupported, "a path is missing behind the first colon")
    }
    return String(text)
  }
}

extension ImageLocation {
  /// What the place calls the image; nil where nothing was written.
  public var name: ImageName? {
    switch self {
    case .registry(let reference):
      reference.digest.map { .digest($0) } ?? reference.tag.map { .name(RefName($0)) }
    case .layout(_, let name), .layoutArchive(_, let name): name
    case .dockerArchive(_, let reference): reference.map { .name(RefName($0)) }
    }
  }

  /// What an image is to be called that is written here: the tag, or the name; in a registry, `latest` where neither a
  /// tag nor a digest was written.
  public var targetNames: [RefName] {
    switch self {
    case .registry(let reference):
      if let tag = reference.tag { return [RefName(tag)] }
      return reference.digest == nil ? [RefName(.latest)] : []
    case .layout, .layoutArchive, .dockerArchive:
      if case .name(let name) = name { return [name] }
      return []
    }
  }
}

extension ImageLocation: CustomStringConvertible {
  /// The location as command lines write it.
  public var description: String {
    switch self {
    case .registry(let reference): reference.description
    case .layout(let path, let name): "oci:\(path)\(Self.suffix(name))"
    case .layoutArchive(let path, let name): "oci-archive:\(path)\(Self.suffix(name))"
    case .dockerArchive(let path, let name): "docker-archive:\(path)" + (name.map { ":\($0)" } ?? "")
    }
  }

  private static func suffix(_ name: ImageName?) -> String {
    switch name {
    case nil: ""
    case .name(let name): ":\(name)"
    case .digest(let digest): "@\(digest)"
    }
  }
}

/// Why a text is no location of an image.
public struct InvalidImageLocation: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol, reason: String) {
    description =
      "\(quoted(text)) is no place of an image: \(reason); a place reads like registry.example.org/team/app:v1.2.3, "
      + "oci:folder:v1.2.3, oci-archive:file.tar or docker-archive:file.tar"
  }
}
