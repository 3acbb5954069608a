internal import OCI

/// The time in which one request has an upload for itself, until a later request for the same upload ends it.
///
/// What ended is only the waiting for the client: what the request has in hand it brings to its end, and hands the
/// upload over then. So no two requests ever write at the same time.
final class UploadTurn: Sendable {
  private let ending: AsyncStream<Void>
  private let source: AsyncStream<Void>.Continuation

  init() {
    (ending, source) = AsyncStream.makeStream(of: Void.self)
  }

  /// Says that a later request waits for the upload.
  func end() {
    source.finish()
  }

  /// Carries out work that waits for the client, once for each turn; it is cancelled when the turn ends.
  ///
  /// When this returns or throws, nothing of the work goes on.
  /// - Throws: what the work throws; `BLOB_UPLOAD_INVALID` (409) where the turn ended before it was done.
  func untilItEnds(_ work: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(operation: work)
      group.addTask { [ending] in
        for await _ in ending {}
        try Task.checkCancellation()
        throw Self.taken
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static let taken = RegistryError(
    .blobUploadInvalid, "a later request went on with this upload; ask for its Range and go on from there",
    status: 409)
}
