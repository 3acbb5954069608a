internal import Locks
internal import OCI

/// The folders that blobs lie in: how a file becomes a blob, and stays one. Its methods block.
final class BlobDirectory: Sendable {
  private let folder: DataFolder
  /// The folders by first byte that are known to be there durably.
  ///
  /// Who finds a folder there has not shown that: the thread that made it may not have synced its parent yet.
  private let durable = Locked<Set<String>>([])

  /// Makes the folders of all algorithms where they are missing.
  init(_ folder: DataFolder) throws(BlobStoreError) {
    self.folder = folder
    try folder.makeFolder(BlobPath.blobs)
    for algorithm in Digest.Algorithm.allCases {
      try folder.makeFolder(BlobPath.folder(of: algorithm))
    }
    try folder.syncFolder(BlobPath.blobs)
  }

  /// Makes the file of an upload the blob of a digest, durably; its bytes are verified and durable already.
  ///
  /// What has the blob's name already is kept where its size is right, because the bytes of a name never change; it is
  /// replaced where the size shows that it is damaged.
  func adopt(_ id: UploadID, size: Int64, as digest: Digest) throws(BlobStoreError) {
    let blob = BlobPath.blob(digest)
    let upload = BlobPath.upload(id)
    try prepareFolder(of: digest)
    adoption: while true {
      switch try folder.link(upload, as: blob) {
      case .linked:
        break adoption
      case .nameIsTaken:
        // Another push may have made it a moment ago and not come to the sync below yet, so that follows here too.
        guard let present = try folder.status(blob) else { continue adoption }
        if present.isRegular && present.size == size { break adoption }
        try replace(blob, by: id)
        break adoption
      case .fileOrFolderIsMissing:
        guard try folder.status(upload) != nil else {
          throw .system("could not publish \(upload): it was discarded")
        }
        // Somebody removed the folder while the store ran.
        _ = durable.withLock { $0.remove(BlobPath.folder(of: digest)) }
        try prepareFolder(of: digest)
      }
    }
    try folder.syncFolder(BlobPath.folder(of: digest))
  }

  /// Puts an upload's file in a blob's place, so that at every moment one of the two has the name.
  ///
  /// A crash leaves the file's additional name behind, which discarding the upload removes.
  private func replace(_ blob: String, by id: UploadID) throws(BlobStoreError) {
    let replacement = BlobPath.replacement(id)
    try folder.unlink(replacement)
    guard case .linked = try folder.link(BlobPath.upload(id), as: replacement) else {
      throw .system("could not publish \(BlobPath.upload(id)): it was discarded, or is in use twice")
    }
    try folder.rename(replacement, to: blob)
  }

  private func prepareFolder(of digest: Digest) throws(BlobStoreError) {
    let path = BlobPath.folder(of: digest)
    if durable.withLock({ $0.contains(path) }) { return }
    try folder.makeFolder(path)
    try folder.syncFolder(BlobPath.folder(of: digest.algorithm))
    durable.withLock { _ = $0.insert(path) }
  }

  /// The blobs in one of `folders`; what is not named like one is passed over.
  func blobs(in path: String, of algorithm: Digest.Algorithm) throws(BlobStoreError) -> [BlobListing] {
    var blobs: [BlobListing] = []
    for name in try folder.names(in: path) {
      guard let digest = try? Digest(parsing: "\(algorithm.rawValue):\(name)"), BlobPath.folder(of: digest) == path,
        let status = try folder.status(BlobPath.blob(digest)), status.isRegular
      else { continue }
      blobs.append(BlobListing(digest: digest, size: status.size, modified: status.modified))
    }
    return blobs
  }

  /// The folders by first byte of an algorithm.
  func folders(of algorithm: Digest.Algorithm) throws(BlobStoreError) -> [String] {
    let path = BlobPath.folder(of: algorithm)
    var folders: [String] = []
    for name in try folder.names(in: path) {
      let path = "\(path)/\(name)"
      if try folder.status(path)?.isFolder == true { folders.append(path) }
    }
    return folders
  }
}
