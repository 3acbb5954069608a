internal import OCI

/// A registry, or a path of repositories in it: `registry.example.org:5000/team`.
struct RegistryLocation: Hashable, Sendable {
  /// The registry.
  let host: RegistryHost
  /// The path without slashes at its ends; empty for the whole registry.
  let path: String

  /// Reads a location, which may end in a slash; one with a scheme, a tag or a digest is none.
  init(parsing text: some StringProtocol) throws(InvalidLocation) {
    let end = text.lastIndex { $0 != "/" }.map(text.index(after:)) ?? text.startIndex
    let parts = text[..<end].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    do {
      guard !text.contains("://"), let name = parts.first else { throw InvalidLocation(text) }
      host = try RegistryHost(parsing: name)
      path = try parts.count > 1 ? RepositoryName(parsing: parts[1]).value : ""
    } catch {
      throw InvalidLocation(text)
    }
  }
}

/// Why a text is neither a registry nor a path in one.
struct InvalidLocation: Error, CustomStringConvertible {
  /// What was wrong, and what would be right.
  let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) is no registry, nor a path in one; it is written without a scheme, a tag and a digest, as in "
      + "registry.example.org:5000/team"
  }
}
