public import OCI

/// What a check looks at.
public enum CheckDepth: Hashable, Sendable {
  /// Whether everything that is referred to is there, in its size.
  case presence
  /// Also every byte: digests, and what layers decompress to.
  case content
}

/// What a check found.
public struct CheckReport: Sendable {
  /// A fault.
  public struct Problem: Hashable, Sendable {
    /// The manifest that it is in, or that refers to it.
    public let manifest: Digest
    /// The platform of that manifest, where its index names one.
    public let platform: Platform?
    /// What is wrong.
    public let message: String
  }

  /// What was checked.
  public let image: Descriptor
  /// How many manifests were looked at.
  public let manifests: Int
  /// How many blobs were looked at, each once.
  public let blobs: Int
  /// The bytes of those blobs.
  public let bytes: Int64
  /// What is wrong, from the top down.
  public let problems: [Problem]

  /// Whether nothing is wrong.
  public var isSound: Bool { problems.isEmpty }
}
