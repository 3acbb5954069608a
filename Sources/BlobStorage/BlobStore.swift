public import NIOCore
public import OCI

/// Where the bytes of blobs live: content-addressed, one copy for all repositories.
///
/// Which blobs there ought to be is the catalogue's to say; a store knows bytes alone.
public protocol BlobStore: Sendable {
  /// Opens the upload of that name where it stood, or a new one at offset 0.
  ///
  /// At most one upload object of a name may be in use at a time; the caller sees to that.
  func upload(_ id: UploadID) async throws(BlobStoreError) -> any BlobUpload

  /// Removes an upload's staged bytes, where there are any; what was published stays.
  func discardUpload(_ id: UploadID) async throws(BlobStoreError)

  /// Opens a blob for reading, or answers nil where the store has none of that digest.
  func open(_ digest: Digest) async throws(BlobStoreError) -> (any StoredBlob)?

  /// Removes a blob, durably enough that it does not return while the process lives.
  ///
  /// - Returns: whether there was one. Reads that have it open go on to its end.
  @discardableResult
  func remove(_ digest: Digest) async throws(BlobStoreError) -> Bool

  /// Moves a blob aside, out of reach of `open`, and keeps its bytes for a person to look at.
  ///
  /// - Returns: where it went, in words for a report.
  func quarantine(_ digest: Digest) async throws(BlobStoreError) -> String

  /// Every blob in the store, in no order; for the doctor alone, because it walks the whole store.
  func allBlobs() -> AsyncThrowingStream<BlobListing, any Error>

  /// Every upload that has staged bytes, in no order.
  func stagedUploads() async throws(BlobStoreError) -> [StagedUpload]
}

/// A blob as a walk over a store finds it.
public struct BlobListing: Hashable, Sendable {
  /// The digest that it is stored under.
  public let digest: Digest
  /// Its size, in bytes.
  public let size: Int64
  /// When its bytes were last written.
  public let modified: Timestamp

  /// Makes a listing of its parts.
  public init(digest: Digest, size: Int64, modified: Timestamp) {
    self.digest = digest
    self.size = size
    self.modified = modified
  }
}

/// An upload as a walk over the staged bytes finds it.
public struct StagedUpload: Hashable, Sendable {
  /// The upload's name.
  public let id: UploadID
  /// How many bytes are staged.
  public let size: Int64
  /// When the last of them was written.
  public let modified: Timestamp
  /// Whether the bytes were published under their digest as well: a process that ended between publishing a blob and
  /// telling the catalogue leaves such an upload behind.
  public let isPublished: Bool

  /// Makes a listing of its parts.
  public init(id: UploadID, size: Int64, modified: Timestamp, isPublished: Bool) {
    self.id = id
    self.size = size
    self.modified = modified
    self.isPublished = isPublished
  }
}

/// Bytes on their way in.
///
/// Calls come one after the other, but for `read`; an object is not for use by two tasks at once.
public protocol BlobUpload: AnyObject, Sendable {
  /// How many bytes it holds: where the next one goes.
  var offset: Int64 { get }

  /// Takes the next bytes. Hashing and writing may still be under way when it returns; `flush` waits for them.
  func append(_ bytes: ByteBuffer) async throws(BlobStoreError)

  /// Waits until all bytes taken are staged, so that another process would find them.
  func flush() async throws(BlobStoreError)

  /// Reads bytes that were flushed, while more may be on their way; fewer where those end before.
  ///
  /// Any number of tasks may do so at any time until the upload is closed.
  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer

  /// Goes back to an offset that this object had since it was opened, and forgets the bytes after it.
  func rewind(to mark: UploadMark) async throws(BlobStoreError)

  /// The place to which `rewind` can go back.
  func mark() async throws(BlobStoreError) -> UploadMark

  /// Verifies the bytes, makes them durable, and makes them the blob of that digest, durably.
  ///
  /// The staged bytes stay until the upload is discarded, so that it can be called again should the blob be removed
  /// before the catalogue knows it. Publishing what is there already is no error.
  /// - Returns: the size, in bytes.
  /// - Throws: `.digestMismatch` where the bytes have another digest; the upload stays as it was.
  func publish(as digest: Digest) async throws(BlobStoreError) -> Int64

  /// The digest of the bytes so far.
  func digest(_ algorithm: Digest.Algorithm) async throws(BlobStoreError) -> Digest

  /// Lets go of what the object holds open, and keeps the staged bytes.
  func close() async
}

/// A place in an upload, with the state of its hash.
public struct UploadMark: Sendable {
  /// How many bytes the upload held.
  public let offset: Int64
  let hasher: Digest.Hasher

  init(offset: Int64, hasher: Digest.Hasher) {
    self.offset = offset
    self.hasher = hasher
  }
}

/// A blob that is open for reading; it stays readable when it is removed meanwhile.
public protocol StoredBlob: Sendable {
  /// The size, in bytes.
  var size: Int64 { get }

  /// Reads bytes of the blob; fewer where it ends before.
  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer

  /// The blob's file, where it is one, for the kernel to send from. It is open until `close`.
  var file: NIOFileHandle? { get }

  /// Lets go of the blob. It must be called once.
  func close() async
}

/// What a store can fail with.
public enum BlobStoreError: Error, Sendable, CustomStringConvertible {
  /// The bytes have another digest than the one that was said.
  case digestMismatch(said: Digest, found: Digest)
  /// There is no room for more bytes: the disk or a quota is full.
  case outOfSpace(String)
  /// The system failed, for a reason that no other case names.
  case system(String)

  /// What went wrong.
  public var description: String {
    switch self {
    case .digestMismatch(let said, let found): "the bytes have the digest \(found), not \(said)"
    case .outOfSpace(let what): "there is no room left: \(what)"
    case .system(let what): what
    }
  }
}
