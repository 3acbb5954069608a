public import Catalog
public import OCI

/// A catalogue with what tests do to it again and again, in one word each.
///
/// Blobs are named by a text and hold it, so that the same name is the same blob.
public struct CatalogScenario: Sendable {
  /// The catalogue that is tested.
  public let catalog: any Catalog
  /// The repository that is meant where none is named.
  public let repository: RepositoryName

  /// Takes a catalogue, which is empty or at least knows nothing of the repository.
  public init(_ catalog: any Catalog, repository: RepositoryName = .named("team/app")) {
    self.catalog = catalog
    self.repository = repository
  }

  /// The same catalogue, another repository.
  public func inside(_ name: String) -> CatalogScenario {
    CatalogScenario(catalog, repository: .named(name))
  }

  /// Links a blob without an upload.
  @discardableResult
  public func pushBlob(_ name: String) async throws -> LinkOutcome {
    try await catalog.linkBlob(.blob(name), size: Int64(name.utf8.count), to: repository, ending: nil)
  }

  /// Whether the repository has a blob.
  public func hasBlob(_ name: String) async throws -> Bool {
    try await catalog.blobSize(.blob(name), in: repository, touchedUnless: nil) != nil
  }

  /// Pushes a manifest by its digest and under tags.
  @discardableResult
  public func commit(
    _ manifest: Manifest, as digest: Digest? = nil, tags: [String] = [], sparse: Bool = false,
    by actor: Author = .somebody
  ) async throws -> ManifestCommit {
    try await catalog.commitManifest(
      ManifestPush(
        repository: repository, manifest: manifest, digest: digest ?? manifest.digest, tags: tags.map { .named($0) },
        allowsSparseIndex: sparse, actor: actor))
  }

  /// Pushes the blobs that an image needs, and the image.
  @discardableResult
  public func pushImage(_ blobs: [String], subject: Manifest? = nil, tags: [String] = []) async throws -> Manifest {
    for blob in blobs {
      try await pushBlob(blob)
    }
    let image = Manifest.image(blobs, subject: subject)
    try await commit(image, tags: tags)
    return image
  }

  /// The digest that a tag names.
  public func resolve(_ tag: String) async throws -> Digest? {
    try await catalog.manifest(.tag(.named(tag)), in: repository)?.digest
  }

  /// Whether the repository has a manifest.
  public func has(_ manifest: Manifest) async throws -> Bool {
    try await catalog.manifest(.digest(manifest.digest), in: repository) != nil
  }

  /// Deletes a manifest by its digest.
  @discardableResult
  public func delete(_ manifest: Manifest) async throws -> DeleteOutcome {
    try await catalog.deleteManifest(manifest.digest, in: repository, by: .somebody)
  }

  /// Collects until there is nothing more to do, as if everything had waited since before a moment.
  ///
  /// - Parameter trashUntil: what is kept in the trash until later than this stays there; nil stands for now.
  /// - Returns: the blobs whose bytes would have been removed.
  @discardableResult
  public func collect(
    waitingSince cutoff: Timestamp = .farFuture, untaggedSince: Timestamp? = nil, trashUntil: Timestamp? = nil,
    limit: Int = 7
  ) async throws -> Set<Digest> {
    if let untaggedSince {
      while try await catalog.hideUntaggedManifests(since: untaggedSince, limit: limit).reviewed > 0 {}
    }
    while try await catalog.releaseTrash(keptUntil: trashUntil ?? .now, limit: limit).reviewed > 0 {}
    while try await catalog.reviewManifests(waitingSince: cutoff, limit: limit).reviewed > 0 {}
    while try await catalog.reviewLinks(waitingSince: cutoff, limit: limit).reviewed > 0 {}
    var removed: Set<Digest> = []
    while true {
      let claimed = try await catalog.claimUnlinkedBlobs(limit: limit).map(\.digest)
      if claimed.isEmpty { return removed }
      try await catalog.forgetBlobs(claimed)
      removed.formUnion(claimed)
    }
  }
}

extension Author {
  /// Who does what tests do, where it does not matter.
  public static let somebody = Author(name: "somebody", credential: "password", address: "192.0.2.1")
}

extension Timestamp {
  /// After everything that a test does.
  public static let farFuture = Timestamp(milliseconds: 1 << 50)
  /// Before everything that a test does.
  public static let farPast = Timestamp(milliseconds: 0)
}

extension Digest {
  /// The digest of a blob that holds its own name.
  public static func blob(_ name: String, algorithm: Algorithm = .sha256) -> Digest {
    .of(Array(name.utf8), algorithm: algorithm)
  }
}

extension RepositoryName {
  /// A name that is known to be right.
  public static func named(_ text: String) -> RepositoryName { try! RepositoryName(parsing: text) }
}

extension Tag {
  /// A tag that is known to be right.
  public static func named(_ text: String) -> Tag { try! Tag(parsing: text) }
}

extension Manifest {
  /// An image whose config is the first blob and whose layers are the others.
  public static func image(
    _ blobs: [String], subject: Manifest? = nil, artifactType: String? = nil, annotations: [String: String] = [:],
    layerType: String = "application/vnd.oci.image.layer.v1.tar+gzip"
  ) -> Manifest {
    let descriptors = blobs.enumerated().map { index, name in
      let type = index == 0 ? "application/vnd.oci.image.config.v1+json" : layerType
      return Descriptor(
        mediaType: try! MediaType(parsing: type), digest: .blob(name), size: Int64(name.utf8.count)
      ).json
    }
    var members = [
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociManifest.value)),
      ("config", descriptors[0]), ("layers", JSONText.array(Array(descriptors.dropFirst()))),
    ]
    if let artifactType { members.append(("artifactType", JSONText.string(artifactType))) }
    if let subject { members.append(("subject", subject.descriptor.json)) }
    if !annotations.isEmpty {
      let sorted = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
      members.append(("annotations", JSONText.object(sorted)))
    }
    return try! Manifest(parsing: Array(JSONText.object(members).utf8), contentType: .ociManifest)
  }

  /// An index of manifests, and of blobs as BuildKit's cache lists them.
  public static func index(_ entries: [Manifest], blobs: [String] = []) -> Manifest {
    let blobs = blobs.map { name in
      Descriptor(
        mediaType: try! MediaType(parsing: "application/vnd.oci.image.layer.v1.tar+gzip"), digest: .blob(name),
        size: Int64(name.utf8.count))
    }
    let json = JSONText.object([
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociIndex.value)),
      ("manifests", JSONText.array((entries.map(\.descriptor) + blobs).map(\.json))),
    ])
    return try! Manifest(parsing: Array(json.utf8), contentType: .ociIndex)
  }
}
