public import OCI

/// Everything in a repository that retention decides about, as it was at one moment.
///
/// Manifests are named by their places in `manifests`, so that 300,000 of them are a few arrays. What is small stands
/// behind the digests, where it fills what alignment leaves free.
public struct RepositoryContents: Sendable {
  /// A manifest that is not deleted.
  public struct Manifest: Sendable {
    /// The digest.
    public let digest: Digest
    /// Whether somebody holds it.
    public let isHeld: Bool
    /// The row.
    public let id: Int64
    /// The length of its bytes.
    public let size: Int64
    /// When it was pushed last.
    public let pushedAt: Timestamp
    /// When it was pulled last; nil where it never was.
    public let pulledAt: Timestamp?

    /// Takes each part.
    public init(
      id: Int64, digest: Digest, size: Int64, pushedAt: Timestamp, pulledAt: Timestamp? = nil, isHeld: Bool = false
    ) {
      self.id = id
      self.digest = digest
      self.size = size
      self.pushedAt = pushedAt
      self.pulledAt = pulledAt
      self.isHeld = isHeld
    }
  }

  /// A tag and what it names.
  public struct NamedTag: Sendable {
    /// The row of this lifetime: a tag that is moved gets another one.
    public let id: Int64
    /// The tag.
    public let tag: Tag
    /// The place of the manifest that it names.
    public let manifest: Int32
    /// When it came to name that manifest, by something other than being brought back.
    public let beganAt: Timestamp
    /// Whether it may not be deleted.
    public let isProtected: Bool

    /// Takes each part.
    public init(id: Int64, tag: Tag, manifest: Int32, beganAt: Timestamp, isProtected: Bool = false) {
      self.id = id
      self.tag = tag
      self.manifest = manifest
      self.beganAt = beganAt
      self.isProtected = isProtected
    }
  }

  /// That one manifest keeps another: an index its entry, a subject what refers to it.
  public struct Edge: Hashable, Sendable {
    /// The place of the manifest that keeps.
    public let from: Int32
    /// The place of the manifest that is kept by it.
    public let to: Int32

    /// Takes both.
    public init(from: Int32, to: Int32) {
      self.from = from
      self.to = to
    }
  }

  /// A blob, and the manifests that need it.
  public struct Blob: Sendable {
    /// The digest.
    public let digest: Digest
    /// Whether another repository has it, too.
    public let isShared: Bool
    /// Where in `blobManifests` the manifests are that need it.
    public let manifests: Range<Int32>
    /// Its size, in bytes.
    public let size: Int64

    /// Takes each part.
    public init(digest: Digest, size: Int64, isShared: Bool, manifests: Range<Int32>) {
      self.digest = digest
      self.size = size
      self.isShared = isShared
      self.manifests = manifests
    }
  }

  /// The manifests.
  public var manifests: [Manifest] = []
  /// The tags, in the order of their names.
  public var tags: [NamedTag] = []
  /// From each index to those of its entries that are here.
  public var entries: [Edge] = []
  /// From each subject that is here to what refers to it.
  public var referrers: [Edge] = []
  /// The blobs that manifests need.
  public var blobs: [Blob] = []
  /// Which manifests need them, blob after blob.
  public var blobManifests: [Int32] = []

  /// Starts empty.
  public init() {}

  /// The places of the manifests that need a blob.
  public func manifests(needing blob: Blob) -> ArraySlice<Int32> {
    blobManifests[Int(blob.manifests.lowerBound)..<Int(blob.manifests.upperBound)]
  }
}
