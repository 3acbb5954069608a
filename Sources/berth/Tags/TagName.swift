import ArgumentParser
import OCI

/// A tag or a manifest of a server, as command lines write it: `team/api:v1`, `registry.example.org/team/api:v1`, and
/// behind it `@` with a digest or a moment.
struct TagName: Sendable {
  /// The server where one was written and none was named otherwise.
  let registry: RegistryHost?
  let repository: RepositoryName
  /// The tag where one was written.
  let tag: Tag?
  let digest: Digest?
  let moment: Timestamp?

  /// What is asked for where nothing was written behind the repository's name.
  var tagOrLatest: Tag { tag ?? .latest }

  /// What names the manifest: the digest, or else the tag.
  var reference: Reference { digest.map { .digest($0) } ?? .tag(tagOrLatest) }

  /// Reads a name.
  ///
  /// What stands before the first `/` is a server where it holds a `.` or a `:` or is `localhost`, as in names of images.
  /// With a server that was named otherwise it is that server alone, because a repository's name may hold points, too.
  ///
  /// - Parameter server: the server that was named otherwise.
  init(_ text: String, server: RegistryHost?) throws(InvalidTagName) {
    do {
      var rest = text[...]
      var (digest, moment): (Digest?, Timestamp?) = (nil, nil)
      if let mark = rest.lastIndex(of: "@") {
        let suffix = rest[rest.index(after: mark)...]
        digest = try? Digest(parsing: suffix)
        if digest == nil { moment = try Timestamp(before: .now, String(suffix)) }
        rest = rest[..<mark]
      }
      // A colon behind the last slash begins a tag; before it, a port.
      var tag: Tag?
      if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
        tag = try Tag(parsing: rest[rest.index(after: colon)...])
        rest = rest[..<colon]
      }
      var registry: RegistryHost?
      if let slash = rest.firstIndex(of: "/"), let host = Self.host(rest[..<slash]) {
        if server == nil || server == host {
          registry = server == nil ? host : nil
          rest = rest[rest.index(after: slash)...]
        } else if let server, host.port != nil {
          throw InvalidTagName(
            description:
              "\(quoted(text)) is of \(host), but --server or BERTH_SERVER names \(server); leave out one of them")
        }
      }
      (self.registry, self.tag, self.digest, self.moment) = (registry, tag, digest, moment)
      repository = try RepositoryName(parsing: rest)
    } catch let error as InvalidTagName {
      throw error
    } catch {
      throw InvalidTagName(
        description: "\(quoted(text)) names no tag: \(error); write team/api:v1 or registry.example.org/team/api:v1")
    }
  }

  private static func host(_ text: Substring) -> RegistryHost? {
    guard text.contains(".") || text.contains(":") || text == "localhost" else { return nil }
    return try? RegistryHost(parsing: text)
  }
}

/// Text that names no tag and no manifest.
struct InvalidTagName: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  let description: String
}
