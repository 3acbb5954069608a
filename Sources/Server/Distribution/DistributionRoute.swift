import HTTPTypes
import OCI

/// What a path under `/v2` asks for (OCI distribution spec, "Endpoints").
///
/// Paths are read from the right, because a repository's name may hold every word that stands in an endpoint.
enum DistributionRoute: Hashable {
  case ping
  case catalog
  case tags(RepositoryName)
  case manifest(RepositoryName, Reference)
  case blob(RepositoryName, Digest)
  case uploads(RepositoryName)
  case upload(RepositoryName, UploadID)
  case referrers(RepositoryName, Digest)

  /// The path of the API's root, without a slash behind it.
  static let root = "/v2"

  /// Reads a path, without its query, that begins with `root`.
  ///
  /// - Parameter isRead: whether the request only asks for what is there: a tag outside the grammar is then one that is
  ///   not there, and no mistake (the specification's conformance tests ask for one and count on 404).
  /// - Throws: `NAME_INVALID` (404) for a path that is no endpoint; the code that fits for a name, a tag or a digest
  ///   outside its grammar.
  init(path: Substring, isRead: Bool) throws(RegistryError) {
    let rest = path.dropFirst(Self.root.utf8.count)
    if rest.isEmpty || rest == "/" {
      self = .ping
      return
    }
    guard rest.utf8.first == UInt8(ascii: "/") else { throw Self.noEndpoint(path) }
    let segments = try Self.segments(rest.dropFirst(), of: path)
    let count = segments.count
    if count == 1, segments[0] == "_catalog" {
      self = .catalog
    } else if count >= 3, segments[count - 2] == "tags", segments[count - 1] == "list" {
      self = .tags(try Self.name(segments[..<(count - 2)]))
    } else if count >= 3, segments[count - 2] == "manifests" {
      let name = try Self.name(segments[..<(count - 2)])
      self = .manifest(name, try Self.reference(segments[count - 1], isRead: isRead))
    } else if count >= 4, segments[count - 3] == "blobs", segments[count - 2] == "uploads" {
      let name = try Self.name(segments[..<(count - 3)])
      self = segments[count - 1].isEmpty ? .uploads(name) : .upload(name, try Self.upload(segments[count - 1], name))
    } else if count >= 3, segments[count - 2] == "blobs" {
      let name = try Self.name(segments[..<(count - 2)])
      self = segments[count - 1] == "uploads" ? .uploads(name) : .blob(name, try Self.digest(segments[count - 1]))
    } else if count >= 3, segments[count - 2] == "referrers" {
      let name = try Self.name(segments[..<(count - 2)])
      self = .referrers(name, try Self.digest(segments[count - 1]))
    } else {
      throw Self.noEndpoint(path)
    }
  }

  /// The repository that it is about.
  var repository: RepositoryName? {
    switch self {
    case .ping, .catalog: nil
    case .tags(let name), .manifest(let name, _), .blob(let name, _), .uploads(let name), .upload(let name, _),
      .referrers(let name, _):
      name
    }
  }

  /// The same of another repository.
  func renamed(_ name: RepositoryName) -> DistributionRoute {
    switch self {
    case .ping, .catalog: self
    case .tags: .tags(name)
    case .manifest(_, let reference): .manifest(name, reference)
    case .blob(_, let digest): .blob(name, digest)
    case .uploads: .uploads(name)
    case .upload(_, let id): .upload(name, id)
    case .referrers(_, let digest): .referrers(name, digest)
    }
  }

  /// The methods that the endpoint takes; `HEAD` goes with every `GET`.
  var methods: [HTTPRequest.Method] {
    switch self {
    case .ping, .catalog, .tags, .referrers: [.get, .head]
    case .manifest: [.get, .head, .put, .delete]
    case .blob: [.get, .head, .delete]
    case .uploads: [.post]
    case .upload: [.get, .head, .patch, .put, .delete]
    }
  }

  /// The name that metrics and the access log use.
  var name: RouteName {
    switch self {
    case .ping: .ping
    case .catalog: .catalog
    case .tags: .tags
    case .manifest: .manifest
    case .blob: .blob
    case .uploads, .upload: .upload
    case .referrers: .referrers
    }
  }

  private static func noEndpoint(_ path: Substring) -> RegistryError {
    RegistryError(
      .nameInvalid,
      "there is no endpoint at this path; those of a repository are /v2/<name>/manifests/…, …/blobs/…, …/tags/list "
        + "and …/referrers/…",
      status: 404)
  }

  /// The parts between slashes, each decoded by itself, so that an encoded slash is not taken for one that parts.
  private static func segments(_ text: Substring, of path: Substring) throws(RegistryError) -> [Substring] {
    let segments = text.split(separator: "/", omittingEmptySubsequences: false)
    guard text.utf8.contains(UInt8(ascii: "%")) else { return segments }
    var decoded: [Substring] = []
    for segment in segments {
      guard let text = PercentEncoding.decode(segment), !text.utf8.contains(UInt8(ascii: "/")) else {
        throw RegistryError(.nameInvalid, "the path has a percent-encoding that cannot stand there")
      }
      decoded.append(text[...])
    }
    return decoded
  }

  private static func name(_ segments: ArraySlice<Substring>) throws(RegistryError) -> RepositoryName {
    do {
      return try RepositoryName(parsing: segments.count == 1 ? String(segments[0]) : segments.joined(separator: "/"))
    } catch {
      throw RegistryError(.nameInvalid, error.description)
    }
  }

  private static func digest(_ segment: Substring) throws(RegistryError) -> Digest {
    do {
      return try Digest(parsing: segment)
    } catch {
      throw RegistryError(.digestInvalid, error.description)
    }
  }

  private static func reference(_ segment: Substring, isRead: Bool) throws(RegistryError) -> Reference {
    do {
      return try Reference(parsing: segment)
    } catch {
      switch error {
      case .tag: throw RegistryError(isRead ? .manifestUnknown : .tagInvalid, error.description)
      case .digest: throw RegistryError(.digestInvalid, error.description)
      }
    }
  }

  /// Whatever is no id names no upload.
  private static func upload(_ segment: Substring, _ name: RepositoryName) throws(RegistryError) -> UploadID {
    guard let id = UploadID(parsing: segment) else {
      throw RegistryError(.blobUploadUnknown, "\(name) has no such upload in progress; begin one by POST")
    }
    return id
  }
}
