public import NIOCore
public import OCI

/// A registry that content is fetched from.
///
/// What it answers is not trusted: digests are computed again before anything is stored.
public protocol Upstream: Sendable {
  /// The digest that a tag names, asked for without its manifest; nil where there is no such tag.
  func digest(of tag: Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest?

  /// The manifest that a tag or a digest names; nil where there is none.
  func manifest(_ reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Manifest?

  /// The size of a blob, in bytes; nil where there is none.
  func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> Int64?

  /// The bytes of a blob, as they come; nil where there is none.
  func blob(
    _ digest: Digest, size: Int64, in repository: RepositoryName
  ) async throws(UpstreamFailure) -> (any AsyncSequence<ByteBuffer, any Error> & Sendable)?
}

/// Why an upstream did not answer what it was asked.
public struct UpstreamFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Hashable, Sendable {
    /// It cannot be reached, breaks off, or says that it cannot answer now.
    case unavailable
    /// It says that it was asked too much (429).
    case limited
    /// It does not let this registry pull (401, 403).
    case refused
    /// Its answer is not what its digest says, or is no answer of a registry.
    case wrong
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What happened, for people.
  public let description: String
  /// How long it wants to be left alone, where it says so.
  public let retryAfter: Duration?

  /// Makes one of its parts.
  public init(_ kind: Kind, _ description: String, retryAfter: Duration? = nil) {
    self.kind = kind
    self.description = description
    self.retryAfter = retryAfter
  }
}
