public import Catalog
public import OCI

/// One page of a list.
public struct Page<Element: Sendable>: Sendable {
  /// The page's elements, in the list's order.
  public let elements: [Element]
  /// Whether there are more behind the last of them.
  public let hasMore: Bool

  init(_ elements: [Element], limit: Int) {
    self.elements = Array(elements.prefix(limit))
    hasMore = elements.count > limit
  }
}

extension Registry {
  /// The repositories that hold a manifest and that a filter and a rule let through, in the order of their names' bytes.
  public func repositories(
    _ filter: RepositoryFilter, where isListed: @escaping @Sendable (RepositoryName) -> Bool, after: String?, limit: Int
  ) async throws(RegistryError) -> Page<RepositoryName> {
    try await reporting {
      guard limit > 0 else { return Page([], limit: 0) }
      return Page(try await catalog.repositories(filter, where: isListed, after: after, limit: limit + 1), limit: limit)
    }
  }

  /// A repository's tags, in the order of their bytes (OCI distribution spec, "Listing Tags").
  ///
  /// - Throws: `NAME_UNKNOWN` where the repository holds no manifest.
  public func tags(
    in repository: RepositoryName, after: String?, limit: Int
  ) async throws(RegistryError) -> Page<Tag> {
    try await reporting {
      guard let tags = try await catalog.tags(in: repository, after: after, limit: limit + 1) else {
        throw RegistryError(
          .nameUnknown, "there is no repository \(repository)", detail: ["name": repository.value])
      }
      return limit > 0 ? Page(tags, limit: limit) : Page([], limit: 0)
    }
  }

  /// What refers to a digest, in the order of the referrers' digests (OCI distribution spec, "Listing Referrers").
  ///
  /// Referrers that a client recorded in an index under the tag of the older scheme are among them.
  public func referrers(
    to subject: Digest, in repository: RepositoryName, artifactType: String?, after: Digest?, limit: Int
  ) async throws(RegistryError) -> Page<Descriptor> {
    try await reporting {
      let own = try await catalog.referrers(
        to: subject, in: repository, artifactType: artifactType, after: after, limit: limit + 1)
      let recorded = try await recordedReferrers(to: subject, in: repository).filter { descriptor in
        (artifactType == nil || descriptor.artifactType == artifactType)
          && (after.map { $0 < descriptor.digest } ?? true)
      }
      guard !recorded.isEmpty else { return Page(own, limit: limit) }
      let all = Dictionary((own + recorded).map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
      return Page(all.values.sorted { $0.digest < $1.digest }, limit: limit)
    }
  }

  /// The entries of the index that clients without the referrers API keep (OCI distribution spec, "Referrers Tag Schema").
  private func recordedReferrers(to subject: Digest, in repository: RepositoryName) async throws -> [Descriptor] {
    let tag = Tag(referrersOf: subject)
    let key = ManifestCache.Key(repository: repository, reference: .tag(tag))
    let index = try await manifestCache.manifest(for: key) {
      try await catalog.manifest(.tag(tag), in: repository)
    }
    guard let index, index.mediaType.manifestKind == .index else { return [] }
    return try Manifest(parsing: index.bytes, contentType: index.mediaType).entries
  }
}
