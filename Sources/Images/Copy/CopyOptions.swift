public import OCI

/// What a copy is to bring, and how.
public struct CopyOptions: Sendable {
  /// The platforms to bring of an index; empty for the whole index.
  ///
  /// One brings that image's manifest itself; several bring an index of their entries, whose digest is a new one.
  public var platforms: [Platform] = []
  /// Whether signatures, SBOMs and attestations come along, in whichever scheme the source has them.
  public var referrers = false
  /// Whether a name that stands for another manifest at the target stays as it is.
  public var keepsNames = false
  /// How many blobs are transferred at the same time.
  public var blobsAtOnce = 6
  /// How often a blob is fetched whose bytes are not its own.
  public var attempts = 3

  /// Brings the whole image and nothing that refers to it.
  public init() {}
}
