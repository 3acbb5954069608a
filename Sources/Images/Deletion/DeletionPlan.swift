public import OCI
public import RegistryClient

/// What else goes or breaks when a manifest is deleted from a repository.
public struct DeletionPlan: Sendable {
  /// An index that lists the manifest.
  public struct Index: Hashable, Sendable {
    /// A tag of the index.
    public let tag: Tag
    /// The index.
    public let digest: Digest
  }

  /// The manifest.
  public let descriptor: Descriptor
  /// All tags that stand for it, which go with it.
  public let tags: [Tag]
  /// The indexes with a tag that list it, which cannot be pulled whole without it.
  public let indexes: [Index]
  /// What refers to it, such as signatures, which is about nothing without it.
  public let referrers: [Descriptor]
}

extension RemoteRepository {
  /// Finds out what else goes or breaks with a manifest; every tag is looked up, some at a time.
  ///
  /// - Throws: `RegistryClientError`.
  public func planDeletion(of descriptor: Descriptor) async throws -> DeletionPlan {
    let found = try await tags().all().concurrently(16) { tag -> (Tag, Descriptor)? in
      try await head(.tag(tag)).map { (tag, $0) }
    }
    .compactMap { $0 }
    let indexes = found.filter { $0.1.mediaType.manifestKind == .index && $0.1.digest != descriptor.digest }
    let listing = try await indexes.concurrently(16) { tag, index -> DeletionPlan.Index? in
      let manifest = try await manifest(.digest(index.digest))
      guard manifest?.entryDigests.contains(descriptor.digest) == true else { return nil }
      return DeletionPlan.Index(tag: tag, digest: index.digest)
    }
    return DeletionPlan(
      descriptor: descriptor,
      tags: found.filter { $0.1.digest == descriptor.digest }.map(\.0).sorted { $0.value < $1.value },
      indexes: listing.compactMap { $0 }, referrers: try await referrers(of: descriptor.digest))
  }

  /// Deletes one tag and nothing else.
  ///
  /// - Returns: false where the registry deletes manifests only, with all their tags.
  /// - Throws: `RegistryClientError`; `ImagesError` of the code `missing` where there is no such tag.
  public func deleteAlone(_ tag: Tag) async throws -> Bool {
    do {
      if try await delete(manifest: .tag(tag)) { return true }
    } catch let error as RegistryClientError where error.code == .unsupported || error.status == 400 {
      // Registries of the time before the specification had tags deleted take digests alone.
      return false
    }
    guard try await head(.tag(tag)) == nil else { return false }
    throw ImagesError(.missing, "\(host)/\(name) has no tag \(tag)")
  }
}
