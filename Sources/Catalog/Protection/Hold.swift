public import OCI

/// That a manifest, with all that it reaches, cannot be deleted by anybody until somebody lets it go.
public struct Hold: Hashable, Sendable {
  /// The row, in the order in which holds were made.
  public let id: Int64
  /// The manifest.
  public let manifest: RepositoryDigest
  /// Why.
  public let reason: HoldReason
  /// Since when.
  public let heldAt: Timestamp
  /// Who holds it.
  public let heldBy: String

  /// Makes one of its parts.
  public init(id: Int64, manifest: RepositoryDigest, reason: HoldReason, heldAt: Timestamp, heldBy: String) {
    self.id = id
    self.manifest = manifest
    self.reason = reason
    self.heldAt = heldAt
    self.heldBy = heldBy
  }
}

/// Why something is held, in a line for people.
public struct HoldReason: Hashable, Sendable, CustomStringConvertible {
  /// The line.
  public let description: String

  /// Reads 1 to 500 bytes without control characters, not all of them spaces.
  public init(parsing text: String) throws(InvalidHoldReason) {
    guard (1...500).contains(text.utf8.count), !text.allSatisfy(\.isWhitespace),
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0.value == 0x2028 })
    else { throw InvalidHoldReason() }
    description = text
  }
}

/// Text that is no reason.
public struct InvalidHoldReason: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String { "a reason is one line of up to 500 bytes, such as: evidence for incident 42" }
}

/// What became of a request to hold a manifest.
public enum HoldOutcome: Hashable, Sendable {
  /// It is held from now on, or was already for the same reason.
  case held(Hold)
  /// The repository has no such manifest.
  case unknown
  /// It is held already for another reason, which one hold cannot stand for.
  case heldAlready(Hold)
}

/// What became of a request to let a manifest go.
public enum HoldRelease: Hashable, Sendable {
  /// It is not held any more.
  case released(Hold)
  /// The repository has no such manifest.
  case unknown
  /// The manifest, which the reference names now, was not held.
  case notHeld(Digest)
}
