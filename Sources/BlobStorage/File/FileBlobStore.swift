internal import Glibc
internal import NIOPosix
public import OCI

/// A store that keeps each blob in a file of its own, in one folder of one file system.
///
/// A blob is at `blobs/<algorithm>/<first 2 hex digits>/<hex digits>`, an upload's staged bytes are at
/// `uploads/<id>`, and what was quarantined is in `quarantine/`. A blob and the upload that it came from are one file
/// with two names until the upload is discarded.
public struct FileBlobStore: BlobStore {
  let folder: DataFolder
  let directory: BlobDirectory

  /// Opens the store in a folder, and makes the folder, durably, where it is missing.
  public init(folder name: String) async throws(BlobStoreError) {
    (folder, directory) = try await StorageThreads.files.run { () throws(BlobStoreError) in
      let folder = try DataFolder(name)
      try folder.makeFolder(BlobPath.uploads)
      try folder.makeFolder(BlobPath.quarantine)
      let directory = try BlobDirectory(folder)
      try folder.sync()
      return (folder, directory)
    }
  }

  /// Opens an upload's file, or makes one; bytes that are there already are hashed when the hash is first needed.
  public func upload(_ id: UploadID) async throws(BlobStoreError) -> any BlobUpload {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      guard let file = try folder.open(BlobPath.upload(id), O_RDWR | O_CREAT) else {
        throw .system("could not make \(BlobPath.upload(id))")
      }
      return try FileUpload(id, file: file, folder: folder, directory: directory)
    }
  }

  /// Removes the names that only the upload has for its file.
  public func discardUpload(_ id: UploadID) async throws(BlobStoreError) {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      try folder.unlink(BlobPath.replacement(id))
      try folder.unlink(BlobPath.copy(id))
      try folder.unlink(BlobPath.upload(id))
    }
  }

  /// Opens a blob's file; anything but a regular file in its place is an error.
  public func open(_ digest: Digest) async throws(BlobStoreError) -> (any StoredBlob)? {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      guard let file = try folder.open(BlobPath.blob(digest), O_RDONLY) else { return nil }
      return try FileBlob(file)
    }
  }

  /// Removes a blob's name; the file goes with the last name and the last reader that has it open.
  @discardableResult
  public func remove(_ digest: Digest) async throws(BlobStoreError) -> Bool {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      try folder.unlink(BlobPath.blob(digest))
    }
  }

  /// Moves a blob's file to `quarantine/<algorithm>-<hex>-<milliseconds since 1970>`, durably.
  ///
  /// - Returns: its path there, relative to the data folder.
  public func quarantine(_ digest: Digest) async throws(BlobStoreError) -> String {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      let aside = BlobPath.quarantine(digest, at: .now)
      try folder.rename(BlobPath.blob(digest), to: aside)
      try folder.syncFolder(BlobPath.quarantine)
      try folder.syncFolder(BlobPath.folder(of: digest))
      return aside
    }
  }
}
