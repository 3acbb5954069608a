internal import BlobStorage
internal import OCI
internal import Synchronization

/// The uploads that this process has open, so that a hash goes on from one request to the next.
///
/// An upload that is not here is in the store all the same: it is opened, and hashed, again.
public final class UploadSessions: Sendable {
  private struct Session {
    let repository: RepositoryName
    /// nil while a request works on it.
    var idle: (any BlobUpload)?
    var lastUse: ContinuousClock.Instant
  }

  static let busy = RegistryError(
    .blobUploadInvalid, "another request is writing to this upload; ask for its Range and go on from there",
    status: 409)

  private let store: any BlobStore
  private let sessions = Mutex<[UploadID: Session]>([:])

  init(store: any BlobStore) {
    self.store = store
  }

  /// How many there are.
  public var count: Int { sessions.withLock { $0.count } }

  /// Whether the upload is open for the repository; nil says that only the catalogue knows.
  func knows(_ id: UploadID, in repository: RepositoryName) -> Bool? {
    sessions.withLock { $0[id].map { $0.repository == repository } }
  }

  /// Carries out `body` with the upload, which no other request has meanwhile.
  ///
  /// The session stays for the next request when `body` answers `.keep`, and when it throws.
  /// - Throws: `BLOB_UPLOAD_INVALID` (409) where another request works on the upload.
  func withUpload<Success: Sendable>(
    _ id: UploadID, in repository: RepositoryName, _ body: (any BlobUpload) async throws -> (Success, Outcome)
  ) async throws -> Success {
    let upload = try await take(id, in: repository)
    do {
      let (success, outcome) = try await body(upload)
      switch outcome {
      case .keep: putBack(id, upload)
      case .end: await end(id, upload)
      }
      return success
    } catch {
      putBack(id, upload)
      throw error
    }
  }

  enum Outcome {
    /// There will be another request.
    case keep
    /// The upload is over.
    case end
  }

  /// Closes an upload that is over.
  ///
  /// - Returns: whether no request was working on it; where one was, it goes on.
  func end(_ id: UploadID) async -> Bool {
    let (isBusy, upload) = sessions.withLock { sessions in
      guard let session = sessions[id] else { return (false, nil as (any BlobUpload)?) }
      guard let upload = session.idle else { return (true, nil) }
      sessions[id] = nil
      return (false, upload)
    }
    await upload?.close()
    return !isBusy
  }

  /// Closes what no request has used for a time; it is opened again when one comes.
  public func closeIdle(since moment: ContinuousClock.Instant) async {
    let idle = sessions.withLock { sessions in
      let idle = sessions.filter { $0.value.idle != nil && $0.value.lastUse < moment }
      for id in idle.keys { sessions[id] = nil }
      return idle
    }
    for session in idle.values { await session.idle?.close() }
  }

  private func take(_ id: UploadID, in repository: RepositoryName) async throws -> any BlobUpload {
    enum Found {
      case upload(any BlobUpload)
      case busy
      case absent
    }
    let found = sessions.withLock { sessions -> Found in
      guard let session = sessions[id] else {
        sessions[id] = Session(repository: repository, idle: nil, lastUse: .now)
        return .absent
      }
      guard let upload = session.idle else { return .busy }
      sessions[id]!.idle = nil
      return .upload(upload)
    }
    switch found {
    case .upload(let upload): return upload
    case .busy: throw Self.busy
    case .absent:
      do {
        return try await store.upload(id)
      } catch {
        sessions.withLock { $0[id] = nil }
        throw error
      }
    }
  }

  private func putBack(_ id: UploadID, _ upload: any BlobUpload) {
    sessions.withLock { sessions in
      sessions[id]!.idle = upload
      sessions[id]!.lastUse = .now
    }
  }

  private func end(_ id: UploadID, _ upload: any BlobUpload) async {
    await upload.close()
    sessions.withLock { $0[id] = nil }
  }
}
