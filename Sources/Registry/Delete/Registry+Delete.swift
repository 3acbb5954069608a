public import Catalog
public import OCI

extension Registry {
  /// Deletes a tag alone, or a manifest with its tags (OCI distribution spec, "Deleting Manifests" and "Deleting tags").
  ///
  /// - Throws: `MANIFEST_UNKNOWN`; `DENIED` where an index of the repository lists the manifest.
  public func deleteManifest(
    _ reference: Reference, from repository: RepositoryName, by actor: Author
  ) async throws(RegistryError) {
    try await reporting {
      let unknown = RegistryError(
        .manifestUnknown, "\(repository) has no manifest \(reference)",
        detail: ["name": repository.value, "reference": reference.description])
      switch reference {
      case .tag(let tag):
        guard try await catalog.deleteTag(tag, in: repository, by: actor) else { throw unknown }
        manifestCache.invalidate([reference], in: repository)
        changes.raise()
      case .digest(let digest):
        switch try await catalog.deleteManifest(digest, in: repository, by: actor) {
        case .deleted:
          manifestCache.invalidate([reference], in: repository)
          changes.raise()
        case .unknown: throw unknown
        case .needed(by: let index):
          throw Self.stays("the manifest \(digest)", because: "the index \(index) lists it", needed: index)
        }
      }
    }
  }

  /// Deletes a blob from a repository; others keep it (OCI distribution spec, "Deleting Blobs").
  ///
  /// - Throws: `BLOB_UNKNOWN`; `DENIED` where a manifest of the repository needs the blob.
  public func deleteBlob(
    _ digest: Digest, from repository: RepositoryName, by actor: Author
  ) async throws(RegistryError) {
    try await reporting {
      switch try await catalog.deleteBlob(digest, in: repository, by: actor) {
      case .deleted: break
      case .unknown: throw Self.blobUnknown(digest, repository)
      case .needed(by: let manifest):
        throw Self.stays("the blob \(digest)", because: "the manifest \(manifest) needs it", needed: manifest)
      }
    }
  }

  /// 405, which is what the specification has a registry say that does not delete.
  private static func stays(_ what: String, because reason: String, needed: Digest) -> RegistryError {
    RegistryError(
      .denied, "\(what) stays, because \(reason); delete that one first", detail: ["neededBy": needed.description],
      status: 405)
  }
}
