internal import BlobStorage
internal import Catalog
internal import Locks
internal import OCI

/// The uploads that this process has open, so that a hash goes on from one request to the next.
///
/// An upload that is not here is in the store all the same: it is opened, and hashed, again.
public final class UploadSessions: Sendable {
  private struct Session {
    let repository: RepositoryName
    var use: Use
    /// What left least room when the upload was opened; nil where no quota held.
    var quota: Quota?
    /// The requests that wait for the one before them, in the order of their coming.
    var waiting: [CheckedContinuation<Claim, Never>] = []
    var lastUse: ContinuousClock.Instant = .now
  }

  private enum Use {
    case idle(any BlobUpload)
    case turn(UploadTurn)
  }

  /// What comes of asking for an upload.
  private enum Claim {
    /// It is the request's, and open.
    case open(any BlobUpload, UploadTurn)
    /// It is the request's, which has to open it.
    case closed(UploadTurn)
    /// Another repository has it.
    case elsewhere
    /// Another request works on it, and is not to be disturbed.
    case busy
    /// The request before has ended it.
    case over
  }

  /// What a request does to one that works on the same upload.
  enum Precedence {
    /// It ends that one's waiting for its client, who may be gone, and waits for it to hand over.
    case takesOver
    /// It gives way.
    case yields
  }

  static let busy = RegistryError(.blobUploadInvalid, "another request works on this upload", status: 409)

  private static func unknown(_ id: UploadID, _ repository: RepositoryName) -> RegistryError {
    RegistryError(
      .blobUploadUnknown, "\(repository) has no upload \(id) in progress; begin one by POST",
      detail: ["name": repository.value])
  }

  private let store: any BlobStore
  private let catalog: any Catalog
  private let sessions = Locked<[UploadID: Session]>([:])

  init(store: any BlobStore, catalog: any Catalog) {
    self.store = store
    self.catalog = catalog
  }

  /// How many there are.
  public var count: Int { sessions.withLock { $0.count } }

  /// Carries out `body` with the upload, which no other request has meanwhile.
  ///
  /// The session stays for the next request when `body` answers `.keep`, and when it throws.
  /// - Throws: `BLOB_UPLOAD_UNKNOWN` where the repository has no such upload; `busy` where another request works on it
  ///   to which this one yields.
  func withUpload<Success: Sendable>(
    _ id: UploadID, in repository: RepositoryName, _ precedence: Precedence = .takesOver,
    _ body: (any BlobUpload, UploadTurn) async throws -> (Success, Outcome)
  ) async throws -> Success {
    let (upload, turn) = try await take(id, in: repository, precedence)
    do {
      let (success, outcome) = try await body(upload, turn)
      switch outcome {
      case .keep: await putBack(id, upload)
      case .end: await end(id, upload)
      }
      return success
    } catch {
      await putBack(id, upload)
      throw error
    }
  }

  enum Outcome {
    /// There will be another request.
    case keep
    /// The upload is over.
    case end
  }

  /// The quota that left least room when a request first opened an upload; nil where none held.
  func quota(of id: UploadID) -> Quota? { sessions.withLock { $0[id]?.quota } }

  /// Closes what no request has used for a time; it is opened again when one comes.
  public func closeIdle(since moment: ContinuousClock.Instant) async {
    let idle = sessions.withLock { sessions in
      let idle = sessions.compactMap { id, session -> (id: UploadID, upload: any BlobUpload)? in
        guard case .idle(let upload) = session.use, session.lastUse < moment else { return nil }
        return (id, upload)
      }
      for (id, _) in idle { sessions[id] = nil }
      return idle.map(\.upload)
    }
    for upload in idle { await upload.close() }
  }

  private func take(
    _ id: UploadID, in repository: RepositoryName, _ precedence: Precedence
  ) async throws -> (any BlobUpload, UploadTurn) {
    while true {
      switch await claim(id, in: repository, precedence) {
      case .open(let upload, let turn): return (upload, turn)
      case .closed(let turn): return (try await open(id, in: repository), turn)
      case .elsewhere: throw Self.unknown(id, repository)
      case .busy: throw Self.busy
      case .over: continue
      }
    }
  }

  private func claim(_ id: UploadID, in repository: RepositoryName, _ precedence: Precedence) async -> Claim {
    await withCheckedContinuation { continuation in
      let (claim, ended) = sessions.withLock { sessions -> (Claim?, UploadTurn?) in
        let turn = UploadTurn()
        guard let session = sessions[id] else {
          sessions[id] = Session(repository: repository, use: .turn(turn))
          return (.closed(turn), nil)
        }
        guard session.repository == repository else { return (.elsewhere, nil) }
        switch (session.use, precedence) {
        case (.idle(let upload), _):
          sessions[id]!.use = .turn(turn)
          return (.open(upload, turn), nil)
        case (.turn(let current), .takesOver):
          sessions[id]!.waiting.append(continuation)
          return (nil, current)
        case (.turn, .yields): return (.busy, nil)
        }
      }
      ended?.end()
      if let claim { continuation.resume(returning: claim) }
    }
  }

  /// Opens an upload whose session is the caller's by now: whoever ends the upload waits for it, or has ended it before.
  private func open(_ id: UploadID, in repository: RepositoryName) async throws -> any BlobUpload {
    do {
      guard let begun = try await catalog.upload(id, in: repository) else { throw Self.unknown(id, repository) }
      sessions.withLock { $0[id]?.quota = begun.quota }
      return try await store.upload(id)
    } catch {
      forget(id)
      throw error
    }
  }

  /// How many uploads stay open at the most; each holds a file.
  private static let maximumCount = 1_024

  /// Gives the upload to the request that waits for it, or keeps it for one that comes.
  private func putBack(_ id: UploadID, _ upload: any BlobUpload) async {
    let (next, surplus) = sessions.withLock { sessions -> ((() -> Void)?, (any BlobUpload)?) in
      sessions[id]!.lastUse = .now
      guard sessions[id]!.waiting.isEmpty else {
        let (turn, next) = (UploadTurn(), sessions[id]!.waiting.removeFirst())
        // Those who came later wait for this one in turn.
        if !sessions[id]!.waiting.isEmpty { turn.end() }
        sessions[id]!.use = .turn(turn)
        return ({ next.resume(returning: .open(upload, turn)) }, nil)
      }
      sessions[id]!.use = .idle(upload)
      return (nil, sessions.count > Self.maximumCount ? Self.removeOldest(of: &sessions) : nil)
    }
    next?()
    await surplus?.close()
  }

  private static func removeOldest(of sessions: inout [UploadID: Session]) -> (any BlobUpload)? {
    let idle = sessions.compactMap { id, session -> (id: UploadID, upload: any BlobUpload, Session)? in
      guard case .idle(let upload) = session.use else { return nil }
      return (id, upload, session)
    }
    guard let oldest = idle.min(by: { $0.2.lastUse < $1.2.lastUse }) else { return nil }
    sessions[oldest.id] = nil
    return oldest.upload
  }

  private func end(_ id: UploadID, _ upload: any BlobUpload) async {
    await upload.close()
    forget(id)
  }

  private func forget(_ id: UploadID) {
    let waiting = sessions.withLock { $0.removeValue(forKey: id)?.waiting ?? [] }
    for next in waiting { next.resume(returning: .over) }
  }
}
