internal import NIOCore
internal import NIOHTTP1
public import OCI

extension RemoteRepository {
  /// How often the index is written again that another client wrote at the same time.
  private static let rounds = 5

  /// Lists the manifests whose subject is a digest (OCI distribution spec, "Listing Referrers").
  ///
  /// A registry that does not know how is asked for the index that clients keep as a tag in that case.
  ///
  /// - Parameter artifactType: the type to list; nil lists all.
  public func referrers(of digest: Digest, artifactType: String? = nil) async throws -> [Descriptor] {
    let listed = try await listedReferrers(of: digest, artifactType: artifactType)
    let all = if let listed { listed } else { try await taggedReferrers(of: digest) }
    // The registry may or may not have filtered.
    guard let artifactType else { return all }
    return all.filter { $0.artifactType == artifactType }
  }

  /// The list that the registry keeps, or nil where it keeps none.
  private func listedReferrers(of digest: Digest, artifactType: String?) async throws -> [Descriptor]? {
    let filter = artifactType.map { "?artifactType=\(PercentEncoding.encode($0))" } ?? ""
    let request = request(
      .GET, "referrers/\(digest)\(filter)", .pull, doing: "list the referrers of \(name)@\(digest)",
      headers: ["Accept": MediaType.ociIndex.value])
    do {
      return try await session.pages(request, at: host) { page in
        // A registry that takes the path for something else answers with something else.
        let index = try Manifest(parsing: page, contentType: nil)
        guard index.kind == .index else { throw InvalidList(description: "it is no index") }
        return index.entries
      }.all()
    } catch let error as RegistryClientError {
      switch error.code {
      case .notFound, .unsupported, .refused, .invalidAnswer: return nil
      default: throw error
      }
    }
  }

  private func taggedReferrers(of digest: Digest) async throws -> [Descriptor] {
    try await manifest(.tag(Tag(referrersOf: digest)))?.entries ?? []
  }

  /// Adds an entry to the index of referrers that is kept as a tag.
  ///
  /// Two clients that do so at the same time overwrite each other, and the specification knows no way to prevent it;
  /// the index is read again, and the entry added again where it got lost.
  func record(_ referrer: Descriptor, asReferrerOf digest: Digest) async throws {
    let tag = Reference.tag(Tag(referrersOf: digest))
    for _ in 0..<Self.rounds {
      let current = try await manifest(tag)
      if current?.entries.contains(where: { $0.digest == referrer.digest }) == true { return }
      _ = try await putAlone(try Self.index(current, adding: referrer), as: tag)
    }
    let entries = try await taggedReferrers(of: digest)
    guard entries.contains(where: { $0.digest == referrer.digest }) else {
      throw RegistryClientError(
        .invalidAnswer,
        "\(host) does not keep \(referrer.digest) in the list of referrers of \(name)@\(digest): "
          + "others write it at the same time; try again", host: host.description)
    }
  }

  /// An index with an entry more, all else of which stays byte for byte: others may know members that are not known here.
  private static func index(_ current: Manifest?, adding referrer: Descriptor) throws -> Manifest {
    let empty = JSONText.object([
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociIndex.value)), ("manifests", "[]"),
    ])
    // What else the tag may stand for is no list of referrers, and is replaced by one.
    let known = current.flatMap { $0.kind == .index ? IndexText($0.bytes) : nil }
    guard let text = known ?? IndexText(Array(empty.utf8)) else { preconditionFailure("an empty index has a list") }
    return try Manifest(
      parsing: text.keeping({ _ in true }, adding: [referrer.json]),
      contentType: known == nil ? .ociIndex : current?.mediaType)
  }
}
