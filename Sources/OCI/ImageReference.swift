/// An image's whole name: registry, repository, and a tag or a digest or both.
public struct ImageReference: Hashable, Sendable {
  /// The registry.
  public let registry: RegistryHost
  /// The repository in it.
  public let repository: RepositoryName
  /// The tag where one was written.
  public let tag: Tag?
  /// The digest where one was written; it, and not the tag, says which manifest is meant.
  public let digest: Digest?

  /// Puts a name together.
  public init(registry: RegistryHost, repository: RepositoryName, tag: Tag? = nil, digest: Digest? = nil) {
    self.registry = registry
    self.repository = repository
    self.tag = tag
    self.digest = digest
  }

  /// Reads a name as Docker does: what stands before the first `/` is the registry where it holds a `.` or a `:` or is
  /// `localhost`; else the registry is Docker Hub, where names of one part are under `library/`.
  public init(parsing text: some StringProtocol) throws(InvalidImageReference) {
    var rest = String(text)[...]
    do {
      if let mark = rest.firstIndex(of: "@") {
        digest = try Digest(parsing: rest[rest.index(after: mark)...])
        rest = rest[..<mark]
      } else {
        digest = nil
      }
      // A colon behind the last slash begins a tag; before it, a port.
      if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
        tag = try Tag(parsing: rest[rest.index(after: colon)...])
        rest = rest[..<colon]
      } else {
        tag = nil
      }
      if let slash = rest.firstIndex(of: "/"), Self.isHost(rest[..<slash]) {
        registry = try RegistryHost(parsing: rest[..<slash])
        rest = rest[rest.index(after: slash)...]
      } else {
        registry = .dockerHub
      }
      let isOfficial = registry == .dockerHub && !rest.isEmpty && !rest.contains("/")
      repository = try RepositoryName(parsing: isOfficial ? "library/\(rest)" : String(rest))
    } catch {
      throw InvalidImageReference(text, reason: "\(error)")
    }
  }

  private static func isHost(_ text: Substring) -> Bool {
    text.contains(".") || text.contains(":") || text == "localhost"
  }

  /// What names the manifest within the repository: the digest, or else the tag, or else `latest`.
  public var reference: Reference {
    if let digest { return .digest(digest) }
    return .tag(tag ?? .latest)
  }

  /// The name of another manifest in the same repository.
  public func with(_ reference: Reference) -> ImageReference {
    switch reference {
    case .tag(let tag): ImageReference(registry: registry, repository: repository, tag: tag)
    case .digest(let digest): ImageReference(registry: registry, repository: repository, digest: digest)
    }
  }
}

extension Tag {
  /// The tag that is meant where none is written.
  public static let latest = Tag(known: "latest")
}

extension ImageReference: CustomStringConvertible {
  /// The whole name, registry included.
  public var description: String {
    "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }
}

/// Why a text is no image's name.
public struct InvalidImageReference: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol, reason: String) {
    description = "\(quoted(text)) names no image: \(reason); a name reads like registry.example.org/team/app:v1.2.3"
  }
}
