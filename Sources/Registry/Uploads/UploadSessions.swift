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
    /// nil while a request works on it.
    var idle: (any BlobUpload)?
    var lastUse: ContinuousClock.Instant
  }

  static let busy = RegistryError(
    .blobUploadInvalid, "another request is writing to this upload; ask for its Range and go on from there",
    status: 409)

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
  /// - Throws: `BLOB_UPLOAD_UNKNOWN` where the repository has no such upload; `BLOB_UPLOAD_INVALID` (409) where another
  ///   request works on it.
  func withUpload<Success: Sendable>(
    _ id: UploadID, in repository: RepositoryName, _ body: (any BlobUpload) async throws -> (Success, Outcome)
  ) async throws -> Success {
    let upload = try await take(id, in: repository)
    do {
      let (success, outcome) = try await body(upload)
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
      case elsewhere
      case absent
    }
    let found = sessions.withLock { sessions -> Found in
      guard let session = sessions[id] else {
        sessions[id] = Session(repository: repository, idle: nil, lastUse: .now)
        return .absent
      }
      guard session.repository == repository else { return .elsewhere }
      guard let upload = session.idle else { return .busy }
      sessions[id]!.idle = nil
      return .upload(upload)
    }
    switch found {
    case .upload(let upload): return upload
    case .busy: throw Self.busy
    case .elsewhere: throw Self.unknown(id, repository)
    case .absent:
      // The session is taken by now: whoever ends the upload waits for it, or has ended it before.
      do {
        guard try await catalog.hasUpload(id, in: repository) else { throw Self.unknown(id, repository) }
        return try await store.upload(id)
      } catch {
        sessions.withLock { $0[id] = nil }
        throw error
      }
    }
  }

  /// How many uploads stay open at the most; each holds a file.
  private static let maximumCount = 1_024

  private func putBack(_ id: UploadID, _ upload: any BlobUpload) async {
    let surplus = sessions.withLock { sessions -> (any BlobUpload)? in
      sessions[id]!.idle = upload
      sessions[id]!.lastUse = .now
      guard sessions.count > Self.maximumCount else { return nil }
      let oldest = sessions.filter { $0.value.idle != nil }.min { $0.value.lastUse < $1.value.lastUse }
      guard let oldest else { return nil }
      sessions[oldest.key] = nil
      return oldest.value.idle
    }
    await surplus?.close()
  }

  private func end(_ id: UploadID, _ upload: any BlobUpload) async {
    await upload.close()
    sessions.withLock { $0[id] = nil }
  }
}
