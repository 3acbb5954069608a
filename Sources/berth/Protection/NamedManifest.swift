import Catalog
import OCI

/// A tag or a digest of a repository, as people write it where the server is known: `team/api:v1.2.3` or
/// `team/api@sha256:…`.
struct NamedManifest: Hashable, Sendable, CustomStringConvertible {
  let repository: RepositoryName
  let reference: Reference

  /// Reads both parts.
  init(parsing text: String) throws {
    guard let mark = text.firstIndex(of: "@") ?? text.lastIndex(of: ":") else { throw MissingReference(text: text) }
    repository = try RepositoryName(parsing: text[..<mark])
    let rest = text[text.index(after: mark)...]
    reference = text[mark] == "@" ? .digest(try Digest(parsing: rest)) : .tag(try Tag(parsing: rest))
  }

  /// The name as people write it.
  var description: String {
    switch reference {
    case .tag(let tag): "\(repository):\(tag)"
    case .digest(let digest): "\(repository)@\(digest)"
    }
  }

  /// The query that names it.
  var query: [ManagementRequest.Parameter] {
    [("repository", repository.value), ("reference", reference.description)]
  }
}

/// A repository alone, where one of its manifests has to be named.
private struct MissingReference: Error, CustomStringConvertible {
  let text: String

  var description: String {
    "'\(PlainText.line(text))' names no manifest: write a tag or a digest behind it, such as team/api:v1.2.3 or "
      + "team/api@sha256:…"
  }
}
