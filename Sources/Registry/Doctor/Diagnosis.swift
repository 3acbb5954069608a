internal import Catalog

/// What a doctor found.
public struct Diagnosis: Sendable {
  /// What is not as it should be.
  public internal(set) var findings: [Finding] = []
  /// How many blobs of the catalogue were looked at.
  public internal(set) var blobs = 0
  /// The sum of their sizes, in bytes.
  public internal(set) var bytes: Int64 = 0
  /// How many manifests were looked at.
  public internal(set) var manifests = 0

  /// Whether something that was acknowledged is not there or not whole, and was not mended.
  public var hasFaults: Bool { findings.contains { $0.kind.isFault && !$0.isRepaired } }
}

/// One thing that a doctor found.
public struct Finding: Sendable {
  /// What may be found.
  public enum Kind: String, Sendable {
    /// The catalogue knows a blob whose bytes are not in the store.
    case missing
    /// A blob's bytes are not what its digest says.
    case corrupt
    /// A manifest's bytes are not what its digest says.
    case corruptManifest = "corrupt manifest"
    /// The catalogue contradicts itself.
    case catalogFault = "catalogue fault"
    /// Other bytes are counted of a repository or an owner than there are.
    case wrongUsage = "wrong usage"
    /// The store has bytes of which the catalogue knows nothing: an upload that was never acknowledged, for one. No harm
    /// but the room they take.
    case unknown
    /// A blob that was missing is there and whole.
    case foundAgain = "found again"

    /// Whether something that was acknowledged is in danger.
    public var isFault: Bool {
      switch self {
      case .missing, .corrupt, .corruptManifest, .catalogFault: true
      case .wrongUsage, .unknown, .foundAgain: false
      }
    }
  }

  /// What it is.
  public let kind: Kind
  /// Where it was found.
  public let subject: String
  /// What is wrong, and what became of it.
  public let note: String
  /// Whether it was mended, as far as it can be without the bytes.
  public let isRepaired: Bool

  init(_ kind: Kind, subject: String, note: String, isRepaired: Bool = false) {
    self.kind = kind
    self.subject = subject
    self.note = note
    self.isRepaired = isRepaired
  }
}

/// How far an examination is.
public struct Progress: Sendable {
  /// Blobs that were looked at.
  public internal(set) var blobs: Int64 = 0
  /// Bytes that were hashed.
  public internal(set) var bytes: Int64 = 0
  /// Blobs that there are.
  public let totalBlobs: Int64
  /// Bytes that there are.
  public let totalBytes: Int64

  init(totals: CatalogTotals) {
    totalBlobs = totals.blobs
    totalBytes = totals.blobBytes
  }
}
