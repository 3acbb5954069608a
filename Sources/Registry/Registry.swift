public import BlobStorage
public import Catalog
public import OCI

/// The rules of a registry, with no HTTP in them.
///
/// Every method answers a caller who was let in already. Errors are `RegistryError`s, as the distribution spec codes them.
public struct Registry: Sendable {
  /// What a team may decide.
  public struct Configuration: Sendable {
    /// How long a candidate waits for the collector since it was last touched.
    public var collectionGrace: Duration
    /// Whether an index may list manifests that are not in its repository.
    public var allowsSparseIndexes: Bool
    /// How many bytes of manifests are kept in memory.
    public var manifestCacheBytes: Int

    /// Takes each decision.
    public init(collectionGrace: Duration, allowsSparseIndexes: Bool, manifestCacheBytes: Int = 16 << 20) {
      self.collectionGrace = collectionGrace
      self.allowsSparseIndexes = allowsSparseIndexes
      self.manifestCacheBytes = manifestCacheBytes
    }
  }

  let blobs: any BlobStore
  let catalog: any Catalog
  let configuration: Configuration
  let manifestCache: ManifestCache
  let gate = DigestGate()

  /// Is raised when something was pushed or deleted, or tags were moved or restored.
  public let changes = FeedSignal()

  /// The uploads that are open in this process.
  public let sessions: UploadSessions
  /// What was pulled when.
  public let pulls: PullLog

  /// Makes a registry of a store and a catalogue that belong together.
  public init(blobs: any BlobStore, catalog: any Catalog, configuration: Configuration) {
    self.blobs = blobs
    self.catalog = catalog
    self.configuration = configuration
    manifestCache = ManifestCache(capacity: configuration.manifestCacheBytes)
    sessions = UploadSessions(store: blobs, catalog: catalog)
    pulls = PullLog(catalog: catalog)
  }

  /// Takes note that tags and manifests were changed in the catalogue by others: what is cached of them may be wrong, and
  /// there is more for those who read the changes.
  public func noteChanges() {
    manifestCache.invalidateAll()
    changes.raise()
  }
}

/// Carries out `body`, and says what its failure means to a client.
func reporting<Success>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Success
) async throws(RegistryError) -> Success {
  do {
    return try await body()
  } catch let error as RegistryError {
    throw error
  } catch let error as BlobStoreError {
    throw RegistryError(error)
  } catch let error as CatalogError {
    throw RegistryError(error)
  } catch let refusal as QuotaRefusal {
    throw RegistryError(refusal)
  } catch {
    throw RegistryError(.unknown, "the request could not be carried out: \(error)")
  }
}

extension RegistryError {
  init(_ error: BlobStoreError) {
    switch error {
    case .digestMismatch(let said, let found):
      self.init(
        .digestInvalid, "the bytes have the digest \(found), not \(said); the upload can be tried again",
        detail: ["said": said.description, "found": found.description])
    case .outOfSpace: self = .noRoom
    case .system(let what): self.init(.unknown, "the blob store failed: \(what)")
    }
  }

  /// What a client is told of a catalogue that failed.
  public init(_ error: CatalogError) {
    switch error {
    case .outOfSpace: self = .noRoom
    case .refused(let refusal): self.init(.denied, refusal.description, detail: refusal.detail, status: 409)
    case .overQuota(let refusal): self.init(refusal)
    case .database(let what): self.init(.unknown, "the catalogue failed: \(what)")
    }
  }

  /// 403, which clients show and do not try again.
  public init(_ refusal: QuotaRefusal) {
    self.init(.denied, refusal.description, detail: refusal.detail)
  }

  /// Whether a quota refused it.
  var isForQuota: Bool { code == .denied && detail["quota"] != nil }

  /// 507 rather than 503: to try again helps only once somebody has made room.
  private static let noRoom = RegistryError(
    .denied, "the registry's disk is full: nothing was stored, and reads go on; make room and push again", status: 507)
}
