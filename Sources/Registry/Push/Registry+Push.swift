public import Catalog
public import OCI

/// What was stored by the push of a manifest.
public struct PushedManifest: Sendable {
  /// The digest of the manifest's bytes.
  public let digest: Digest
  /// The digest of what the manifest refers to.
  public let subject: Digest?
}

extension Registry {
  /// Takes a manifest (OCI distribution spec, "Pushing Manifests").
  ///
  /// - Parameters:
  ///   - bytes: the body as it came.
  ///   - contentType: the type that the client says it has.
  ///   - reference: the tag or the digest in the request's path.
  ///   - tags: further tags that are to name it.
  ///   - actor: who pushes, as the tags' history will tell.
  /// - Throws: `MANIFEST_INVALID`, `DIGEST_INVALID`, `MANIFEST_BLOB_UNKNOWN`.
  public func pushManifest(
    _ bytes: [UInt8], contentType: MediaType?, as reference: Reference, tags: [Tag], to repository: RepositoryName,
    by actor: Author
  ) async throws(RegistryError) -> PushedManifest {
    try await reporting {
      let manifest: Manifest
      do {
        manifest = try Manifest(parsing: bytes, contentType: contentType)
      } catch let error as InvalidManifest {
        throw RegistryError(.manifestInvalid, error.description)
      }
      let digest = try Self.digest(of: bytes, as: reference)
      var tags = tags
      if case .tag(let tag) = reference, !tags.contains(tag) { tags.append(tag) }
      let outcome = try await catalog.commitManifest(
        ManifestPush(
          repository: repository, manifest: manifest, digest: digest, tags: tags,
          allowsSparseIndex: configuration.allowsSparseIndexes, actor: actor))
      if case .missing(let missing) = outcome { throw Self.missing(missing, from: repository) }
      manifestCache.invalidate(tags.map { .tag($0) } + [.digest(digest)], in: repository)
      changes.raise()
      return PushedManifest(digest: digest, subject: manifest.subject?.digest)
    }
  }

  private static func digest(of bytes: [UInt8], as reference: Reference) throws -> Digest {
    guard case .digest(let said) = reference else { return Digest.of(bytes) }
    let found = Digest.of(bytes, algorithm: said.algorithm)
    guard found == said else {
      throw RegistryError(
        .digestInvalid, "the path says \(said), and the body has the digest \(found)",
        detail: ["said": said.description, "found": found.description])
    }
    return said
  }

  private static func missing(_ digests: [Digest], from repository: RepositoryName) -> RegistryError {
    let named = digests.prefix(10).map(\.description).joined(separator: ", ")
    let more = digests.count > 10 ? " and \(digests.count - 10) more" : ""
    return RegistryError(
      .manifestBlobUnknown, "push what the manifest refers to first: \(repository) does not have \(named)\(more)",
      detail: ["digest": digests[0].description])
  }
}
