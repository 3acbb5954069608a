public import OCI

/// What names a manifest within the place it is kept in.
public enum ImageName: Hashable, Sendable {
  case name(RefName)
  case digest(Digest)
}

extension ImageName: CustomStringConvertible {
  /// The name or the digest.
  public var description: String {
    switch self {
    case .name(let name): name.description
    case .digest(let digest): digest.description
    }
  }
}

/// A manifest's name as layouts and archives keep it: a tag, or a whole name with host and repository
/// (OCI image spec, annotation `org.opencontainers.image.ref.name`).
public struct RefName: Hashable, Sendable {
  /// The longest name, in bytes: a host, a repository and a tag.
  public static let maximumLength = 1024

  /// The name as it was written.
  public let value: String

  /// Reads 1 to 1024 printable ASCII characters without spaces, which is what the layouts of every tool keep.
  public init(parsing text: some StringProtocol) throws(InvalidRefName) {
    guard (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21..<0x7f).contains($0) })
    else { throw InvalidRefName(text) }
    value = String(text)
  }

  /// Takes a tag.
  public init(_ tag: Tag) {
    value = tag.value
  }

  /// Takes a whole name, with `latest` where it has no tag; a digest is left out.
  public init(_ image: ImageReference) {
    let named = ImageReference(registry: image.registry, repository: image.repository, tag: image.tag ?? .latest)
    value = named.description
  }

  /// The name as a registry's tag; nil where it is no tag but a longer name.
  public var tag: Tag? { try? Tag(parsing: value) }
}

extension RefName: CustomStringConvertible {
  /// The name as it was written.
  public var description: String { value }
}

/// Why a text is no name in a layout.
public struct InvalidRefName: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) cannot name an image: a name has from 1 to \(RefName.maximumLength) printable characters and "
      + "no spaces, such as v1.2.3"
  }
}
