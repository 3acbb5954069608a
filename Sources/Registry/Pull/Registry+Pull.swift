public import BlobStorage
public import Catalog
public import OCI

extension Registry {
  /// The manifest that a tag or a digest names (OCI distribution spec, "Pulling manifests").
  ///
  /// - Throws: `MANIFEST_UNKNOWN`.
  public func manifest(
    _ reference: Reference, in repository: RepositoryName
  ) async throws(RegistryError) -> StoredManifest {
    try await reporting {
      guard let found = try await storedManifest(reference, in: repository) else {
        throw RegistryError(
          .manifestUnknown, "\(repository) has no manifest \(reference)",
          detail: ["name": repository.value, "reference": reference.description])
      }
      return found
    }
  }

  /// The manifest that a tag or a digest names; nil where there is none.
  func storedManifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest? {
    try await manifestCache.manifest(for: ManifestCache.Key(repository: repository, reference: reference)) {
      try await catalog.manifest(reference, in: repository)
    }
  }

  /// The size of a blob, in bytes (OCI distribution spec, "Pulling blobs" and "Checking if content exists").
  ///
  /// The client may count on the blob from here on, so a blob that waits for the collector waits anew.
  /// - Throws: `BLOB_UNKNOWN`.
  public func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(RegistryError) -> Int64 {
    try await reporting {
      let size = try await catalog.blobSize(
        digest, in: repository, touchedUnless: .now - configuration.collectionGrace / 2)
      guard let size else { throw Self.blobUnknown(digest, repository) }
      return size
    }
  }

  /// Opens a blob for reading; the caller closes it.
  ///
  /// - Throws: `BLOB_UNKNOWN`.
  public func blob(_ digest: Digest, in repository: RepositoryName) async throws(RegistryError) -> any StoredBlob {
    try await reporting {
      guard try await catalog.blobSize(digest, in: repository, touchedUnless: nil) != nil,
        let blob = try await blobs.open(digest)
      else {
        throw Self.blobUnknown(digest, repository)
      }
      return blob
    }
  }

  static func blobUnknown(_ digest: Digest, _ repository: RepositoryName) -> RegistryError {
    RegistryError(
      .blobUnknown, "\(repository) has no blob \(digest)",
      detail: ["name": repository.value, "digest": digest.description])
  }
}
