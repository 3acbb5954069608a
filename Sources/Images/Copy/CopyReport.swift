public import OCI

/// Where a copy goes.
public struct CopyDestination: Sendable {
  /// The place.
  public let target: any ImageTarget
  /// What the image is to be called there; with no names it can be found by its digest.
  public let names: [RefName]

  /// Takes both.
  public init(_ target: any ImageTarget, names: [RefName]) {
    self.target = target
    self.names = names
  }
}

/// How a copy ended.
public struct CopyReport: Sendable {
  /// How it ended at one destination.
  public enum Outcome: Sendable {
    /// The image was there under all its names already.
    case upToDate
    /// The image is there now.
    case copied
    /// A name stands for another manifest, and was left alone as `CopyOptions.keepsNames` wants.
    case kept(RefName, Digest)
    /// It is not there, and why.
    case failed(any Error)
  }

  /// What went to one destination.
  public struct Destination: Sendable {
    /// What messages call it.
    public let place: String
    /// How it ended.
    public let outcome: Outcome
    /// What was done for it.
    public let tally: CopyTally
  }

  /// What was copied; with several platforms it is the new index.
  public let image: Descriptor
  /// The destinations, in the order in which they were given.
  public let destinations: [Destination]
  /// What indexes list and the source does not have.
  public let absent: [Descriptor]
}

/// What was done for one destination of a copy.
public struct CopyTally: Hashable, Sendable {
  /// Blobs whose bytes were written.
  public var written = 0
  /// The bytes of those blobs.
  public var bytes: Int64 = 0
  /// Blobs that were there.
  public var skipped = 0
  /// Blobs that were taken over within the registry.
  public var mounted = 0
  /// Manifests that were written.
  public var manifests = 0
}

extension CopyReport {
  /// The first failure, if any destination failed.
  public var failure: (any Error)? {
    for case .failed(let error) in destinations.lazy.map(\.outcome) { return error }
    return nil
  }
}
