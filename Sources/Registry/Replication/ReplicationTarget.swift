public import OCI

/// A registry that is to have what this one has.
public protocol ReplicationTarget: Sendable {
  /// The digest that it has under a reference, asked for without the manifest; nil where it has nothing.
  func digest(of reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest?

  /// The tags of one of its repositories; none where there is no such repository.
  func tags(in repository: RepositoryName) async throws(UpstreamFailure) -> [Tag]

  /// Brings an image of this registry with all that it needs; what is there is not sent.
  ///
  /// - Parameters:
  ///   - reference: what is brought; a digest gets no tag there.
  ///   - name: the repository there.
  ///   - withReferrers: whether what refers to it comes along.
  func copy(
    _ reference: Reference, of repository: RepositoryName, to name: RepositoryName, withReferrers: Bool
  ) async throws(UpstreamFailure) -> ReplicationCopy

  /// Deletes a tag and nothing else.
  func delete(_ tag: Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion

  /// Deletes a manifest that refers to another one; what refers to nothing stays.
  func delete(referrer: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion
}

/// What was copied to a target.
public struct ReplicationCopy: Hashable, Sendable {
  /// The image.
  public let digest: Digest
  /// The bytes of the blobs that were sent.
  public let bytes: Int64
  /// Whether all of it was there already.
  public let wasThere: Bool

  /// Takes all of it.
  public init(digest: Digest, bytes: Int64, wasThere: Bool) {
    self.digest = digest
    self.bytes = bytes
    self.wasThere = wasThere
  }
}

/// What became of something that was to be deleted at a target.
public enum TargetDeletion: Hashable, Sendable {
  case deleted
  /// It was not there, or is not to be deleted.
  case absent
  /// The target cannot delete it alone, and why.
  case unsupported(String)
}
