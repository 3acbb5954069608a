internal import NIOHTTP1
public import OCI

extension RemoteRepository {
  /// How often a blob is begun anew whose bytes came out wrong.
  private static let rounds = 3

  /// Uploads a blob. A request that fails is followed by one that goes on from where the registry got to, and so is an
  /// upload that an earlier process began, where there is a journal.
  ///
  /// The bytes are verified while they pass, by the stream itself where it says so; the registry verifies them again.
  /// Bytes that are wrong are never committed: the upload is cancelled and begun anew a few times.
  ///
  /// - Parameters:
  ///   - descriptor: the blob's digest and size.
  ///   - journal: where it is remembered how far the upload has come; nil for nowhere.
  ///   - source: opens the blob at an offset, in bytes; it is called again for what has to be sent again.
  ///   - progress: is told how many bytes were handed over so far, which is less again where some got lost.
  /// - Throws: `RegistryClientError`, `.digestMismatch` where the bytes stay wrong, and what the source throws.
  public func upload(
    _ descriptor: Descriptor, resumable journal: UploadJournal? = nil,
    from source: @escaping @Sendable (Int64) async throws -> ByteStream,
    progress: @escaping @Sendable (Int64) -> Void = { _ in }
  ) async throws {
    let upload = BlobUpload(repository: self, descriptor: descriptor, source: source, progress: progress)
    var round = 1
    while true {
      do {
        if descriptor.size <= BlobUpload.smallSize { return try await upload.runInOnePiece() }
        return try await upload.run(await journal?.entry(for: descriptor.digest, in: name, at: host))
      } catch let error as RegistryClientError where error.code == .digestMismatch && round < Self.rounds {
        round += 1
        progress(0)
      }
    }
  }

  /// Has the registry forget an upload; where it does not answer it forgets on its own, in time.
  func cancel(_ upload: UploadPlace) async {
    let request = RegistryRequest(
      method: .DELETE, target: .address(upload.address), repository: name, access: .push,
      doing: "cancel an upload to \(name)")
    do {
      try await session.perform(
        request, at: upload.endpoint, of: host, accepting: [200, 202, 204, 404, 405], retries: .once
      ) { answer in await answer.discard() }
    } catch {
      return
    }
  }
}
