internal import NIOPosix
internal import OCI

extension FileBlobStore {
  /// Every blob in the store, folder by folder as the stream is read; files that are not named like blobs are passed
  /// over, and so is what comes or goes while the walk is on.
  public func allBlobs() -> AsyncThrowingStream<BlobListing, any Error> {
    let walk = BlobWalk(directory)
    return AsyncThrowingStream { try await walk.next() }
  }

  /// Every upload that has a file, an empty one too.
  public func stagedUploads() async throws(BlobStoreError) -> [StagedUpload] {
    try await StorageThreads.files.run { () throws(BlobStoreError) in
      let names = try folder.names(in: BlobPath.uploads)
      let replacing = Set(names.filter { $0.hasSuffix(BlobPath.replacementSuffix) })
      var uploads: [StagedUpload] = []
      for name in names {
        guard let id = UploadID(parsing: name), let status = try folder.status(BlobPath.upload(id)) else { continue }
        let ownNames = replacing.contains(name + BlobPath.replacementSuffix) ? 2 : 1
        uploads.append(
          StagedUpload(
            id: id, size: status.size, modified: status.modified, isPublished: status.links > ownNames))
      }
      return uploads
    }
  }
}

/// A walk over all blobs that holds the listings of one folder at a time.
private actor BlobWalk {
  private let directory: BlobDirectory
  private var algorithms = Digest.Algorithm.allCases[...]
  private var folders: [(path: String, algorithm: Digest.Algorithm)] = []
  private var found: [BlobListing] = []

  init(_ directory: BlobDirectory) {
    self.directory = directory
  }

  func next() async throws(BlobStoreError) -> BlobListing? {
    while true {
      if let blob = found.popLast() { return blob }
      if let (path, algorithm) = folders.popLast() {
        found = try await StorageThreads.files.run { [directory] () throws(BlobStoreError) in
          try directory.blobs(in: path, of: algorithm)
        }
      } else if let algorithm = algorithms.popFirst() {
        folders = try await StorageThreads.files.run { [directory] () throws(BlobStoreError) in
          try directory.folders(of: algorithm)
        }.map { ($0, algorithm) }
      } else {
        return nil
      }
    }
  }
}
