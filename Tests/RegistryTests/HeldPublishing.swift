import BlobStorage
import NIOCore
import OCI

/// A store that stops each push at the moment when the blob is published and the catalogue does not know it yet.
struct HeldPublishing: BlobStore {
  let store: any BlobStore
  /// Runs at that moment.
  let afterPublish: @Sendable () async -> Void

  func upload(_ id: UploadID) async throws(BlobStoreError) -> any BlobUpload {
    HeldUpload(try await store.upload(id), afterPublish)
  }

  func discardUpload(_ id: UploadID) async throws(BlobStoreError) { try await store.discardUpload(id) }
  func open(_ digest: Digest) async throws(BlobStoreError) -> (any StoredBlob)? { try await store.open(digest) }
  func remove(_ digest: Digest) async throws(BlobStoreError) -> Bool { try await store.remove(digest) }
  func quarantine(_ digest: Digest) async throws(BlobStoreError) -> String { try await store.quarantine(digest) }
  func allBlobs() -> AsyncThrowingStream<BlobListing, any Error> { store.allBlobs() }
  func stagedUploads() async throws(BlobStoreError) -> [StagedUpload] { try await store.stagedUploads() }
}

private final class HeldUpload: BlobUpload {
  private let upload: any BlobUpload
  private let afterPublish: @Sendable () async -> Void

  init(_ upload: any BlobUpload, _ afterPublish: @escaping @Sendable () async -> Void) {
    self.upload = upload
    self.afterPublish = afterPublish
  }

  func publish(as digest: Digest) async throws(BlobStoreError) -> Int64 {
    let size = try await upload.publish(as: digest)
    await afterPublish()
    return size
  }

  var offset: Int64 { upload.offset }
  func append(_ bytes: ByteBuffer) async throws(BlobStoreError) { try await upload.append(bytes) }
  func flush() async throws(BlobStoreError) { try await upload.flush() }
  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer {
    try await upload.read(from: offset, count: count)
  }
  func rewind(to mark: UploadMark) async throws(BlobStoreError) { try await upload.rewind(to: mark) }
  func mark() async throws(BlobStoreError) -> UploadMark { try await upload.mark() }
  func digest(_ algorithm: Digest.Algorithm) async throws(BlobStoreError) -> Digest {
    try await upload.digest(algorithm)
  }
  func close() async { await upload.close() }
}
