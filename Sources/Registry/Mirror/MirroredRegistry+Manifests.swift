internal import AgingMaps
public import Catalog
internal import Locks
public import OCI

/// A manifest that was pulled.
public struct PulledManifest: Sendable {
  /// The manifest.
  public let manifest: StoredManifest
  /// Whether its tag may have moved since, because the upstream could not be asked (RFC 9111, section 4.2.4).
  public let isStale: Bool
}

/// What an upstream was found to have.
enum ManifestAnswer: Sendable {
  /// This, stored by now; `isFetched` says whether its bytes came just now.
  case manifest(StoredManifest, isFetched: Bool)
  case absent
  case failed(UpstreamFailure)
  /// It could not be stored here.
  case notStored(RegistryError)
}

extension MirroredRegistry {
  /// The manifest that a tag or a digest names (OCI distribution spec, "Pulling manifests"), fetched where it is not here.
  ///
  /// - Throws: `MANIFEST_UNKNOWN`; `UNAVAILABLE` and `TOOMANYREQUESTS` where it is not here and the upstream fails.
  public func manifest(
    _ reference: Reference, in repository: RepositoryName
  ) async throws(RegistryError) -> PulledManifest {
    guard let source = source(of: repository) else {
      return PulledManifest(manifest: try await registry.manifest(reference, in: repository), isStale: false)
    }
    let pulled = try await manifest(reference, of: source)
    // Whoever asks whether it is there has it, and counts on it.
    registry.pulls.note(pulled.manifest.digest, in: repository, at: now(), isDownload: false)
    return pulled
  }

  private func manifest(
    _ reference: Reference, of source: MirroredRepository
  ) async throws(RegistryError) -> PulledManifest {
    let key = Key(repository: source.local, asked: .manifest(reference))
    let local = try await stored(reference, in: source)
    if let local, isFresh(key, source) {
      count(source) { $0.hits += 1 }
      return PulledManifest(manifest: local, isStale: false)
    }
    if local == nil, isAbsent(key) { throw .unknown(key.asked, source) }
    switch await answer(to: reference, key, source, mayWait: local == nil) {
    case .manifest(let manifest, let isFetched):
      count(source) { totals in
        if isFetched { totals.misses += 1 } else { totals.hits += 1 }
      }
      return PulledManifest(manifest: manifest, isStale: false)
    case .absent:
      throw .unknown(key.asked, source)
    case .failed(let failure):
      guard let local else { throw RegistryError(failure, source, key.asked) }
      count(source) { $0.stale += 1 }
      return PulledManifest(manifest: local, isStale: true)
    case .notStored(let error):
      throw error
    }
  }

  /// What the upstream says, once for all who ask; who has something to serve does not wait long for it.
  private func answer(
    to reference: Reference, _ key: Key, _ source: MirroredRepository, mayWait: Bool
  ) async -> ManifestAnswer {
    let look = { @Sendable in await self.look(for: reference, key, source) }
    if mayWait { return await manifests.value(for: key, look) }
    return await manifests.value(for: key, patience: patience, look)
      ?? .failed(UpstreamFailure(.unavailable, "\(source.upstream.host) takes long to answer"))
  }

  /// A digest always names the same bytes; a tag does for a while after the upstream was asked.
  private func isFresh(_ key: Key, _ source: MirroredRepository) -> Bool {
    guard case .manifest(.tag) = key.asked else { return true }
    let moment = now()
    guard let confirmed = state.withLock({ $0.confirmed[key] }) else { return false }
    return moment < confirmed + source.upstream.revalidateAfter
  }

  private func stored(
    _ reference: Reference, in source: MirroredRepository
  ) async throws(RegistryError) -> StoredManifest? {
    try await reporting { try await registry.storedManifest(reference, in: source.local) }
  }

  // MARK: Asking the upstream, once for all who wait

  private func look(for reference: Reference, _ key: Key, _ source: MirroredRepository) async -> ManifestAnswer {
    do {
      // Who asked before may have come to its end between this one's look and its turn.
      let local = try await stored(reference, in: source)
      if let local, isFresh(key, source) { return .manifest(local, isFetched: false) }
      if case .tag(let tag) = reference, let local { return try await follow(tag, from: local, key, source) }
      return try await fetch(reference, key, source)
    } catch let failure as UpstreamFailure {
      note(failure, for: key, source)
      return .failed(failure)
    } catch let error as RegistryError {
      return .notStored(error)
    } catch {
      return .notStored(RegistryError(.unknown, "the manifest could not be looked for: \(error)"))
    }
  }

  /// Has a tag name what the upstream says, unless a rule keeps it at what it names here, which goes on being served.
  private func follow(
    _ tag: Tag, from local: StoredManifest, _ key: Key, _ source: MirroredRepository
  ) async throws -> ManifestAnswer {
    do {
      return try await revalidate(local, of: tag, key, source)
    } catch CatalogError.refused(let refusal) {
      confirm(key)
      report(refusal)
      return .manifest(local, isFetched: false)
    }
  }

  /// Asks by `HEAD`, which upstreams do not count, whether a tag still names what it named.
  private func revalidate(
    _ local: StoredManifest, of tag: Tag, _ key: Key, _ source: MirroredRepository
  ) async throws -> ManifestAnswer {
    let digest = try await ask(source) { upstream, name throws(UpstreamFailure) in
      try await upstream.digest(of: tag, in: name)
    }
    guard let digest else { return try await noteGone(key, source) }
    if digest == local.digest {
      confirm(key)
      return .manifest(local, isFetched: false)
    }
    if let known = try await stored(.digest(digest), in: source) {
      let manifest = try Manifest(parsing: known.bytes, contentType: known.mediaType)
      return .manifest(try await store(manifest, digest, as: .tag(tag), key, source), isFetched: false)
    }
    return try await fetch(.tag(tag), key, source)
  }

  private func fetch(_ reference: Reference, _ key: Key, _ source: MirroredRepository) async throws -> ManifestAnswer {
    let manifest = try await ask(source) { upstream, name throws(UpstreamFailure) in
      try await upstream.manifest(reference, in: name)
    }
    guard let manifest else { return try await noteGone(key, source) }
    let digest: Digest
    switch reference {
    case .tag: digest = Digest.of(manifest.bytes)
    case .digest(let wanted):
      digest = Digest.of(manifest.bytes, algorithm: wanted.algorithm)
      guard digest == wanted else {
        let failure = UpstreamFailure(
          .wrong, "\(source.upstream.host) answers \(wanted) with bytes whose digest is \(digest)")
        note(failure, of: source.upstream.host)
        throw failure
      }
    }
    return .manifest(try await store(manifest, digest, as: reference, key, source), isFetched: true)
  }

  private func store(
    _ manifest: Manifest, _ digest: Digest, as reference: Reference, _ key: Key, _ source: MirroredRepository
  ) async throws -> StoredManifest {
    var tags: [Tag] = []
    if case .tag(let tag) = reference { tags.append(tag) }
    let push = ManifestPush(
      repository: source.local, manifest: manifest, digest: digest, tags: tags, allowsSparseIndex: true,
      origin: MirrorOrigin(host: source.upstream.host, visibility: source.upstream.visibility), actor: author(source))
    _ = try await registry.catalog.commitManifest(push)
    registry.manifestCache.invalidate(tags.map { .tag($0) } + [.digest(digest)], in: source.local)
    confirm(key)
    return StoredManifest(digest: digest, mediaType: manifest.mediaType, bytes: manifest.bytes)
  }

  private func confirm(_ key: Key) {
    guard case .manifest(.tag) = key.asked else { return }
    let moment = now()
    state.withLock { state in
      state.confirmed[key] = moment
      state.absent[key] = nil
    }
  }

  /// Ends a tag that the upstream does not have any more; its manifest can still be pulled by its digest.
  private func noteGone(_ key: Key, _ source: MirroredRepository) async throws -> ManifestAnswer {
    noteAbsent(key)
    if case .manifest(let reference) = key.asked, case .tag(let tag) = reference {
      _ = try await registry.catalog.deleteTag(tag, in: source.local, by: author(source))
      registry.manifestCache.invalidate([reference], in: source.local)
    }
    return .absent
  }

  private func author(_ source: MirroredRepository) -> Author {
    Author(name: "mirror of \(source.upstream.host)")
  }
}
