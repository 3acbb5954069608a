internal import OCI
internal import RegistryClient

/// Brings the blobs that manifests need to where they are lacking.
struct BlobTransfers: Sendable {
  private struct Need: Sendable {
    let blob: Descriptor
    var legs: [CopyLeg]
  }

  let copy: ImageCopy
  let legs: [CopyLeg]

  /// Brings them, the largest first, several at the same time.
  func run(_ manifests: [SurveyedManifest]) async throws {
    let needs = needs(of: manifests)
    for leg in legs {
      let own = needs.filter { need in need.legs.contains { $0 === leg } }
      copy.report(.planned(blobs: own.count, bytes: own.reduce(0) { $0 + $1.blob.size }, target: leg.index))
    }
    _ = try await needs.concurrently(copy.options.blobsAtOnce) { need in
      try Task.checkCancellation()
      await bring(need)
    }
  }

  private func needs(of manifests: [SurveyedManifest]) -> [Need] {
    var needs: [Digest: Need] = [:]
    for manifest in manifests {
      for blob in manifest.manifest.blobs {
        for leg in legs where manifest.missing.contains(leg.index) {
          var need = needs[blob.digest] ?? Need(blob: blob, legs: [])
          if !need.legs.contains(where: { $0 === leg }) { need.legs.append(leg) }
          needs[blob.digest] = need
        }
      }
    }
    return needs.values.sorted { ($1.blob.size, $0.blob.digest) < ($0.blob.size, $1.blob.digest) }
  }

  private func bring(_ need: Need) async {
    let blob = need.blob
    let wanting = await withTaskGroup(of: CopyLeg?.self) { group in
      for leg in need.legs {
        group.addTask {
          let isThere = await leg.attempt { try await takesOver(blob, leg) }
          return isThere == false ? leg : nil
        }
      }
      return await group.reduce(into: [CopyLeg]()) { if let leg = $1 { $0.append(leg) } }
    }
    switch wanting.count {
    case 0: return
    case 1:
      await wanting[0].attempt { try await write(blob, to: wanting[0], firstFrom: fromSource(blob)) }
    default: await share(blob, among: wanting)
    }
  }

  /// Whether the target has the blob, or can have it without its bytes.
  private func takesOver(_ blob: Descriptor, _ leg: CopyLeg) async throws -> Bool {
    if try await leg.target.hasBlob(blob) {
      leg.skipped(blob)
      return true
    }
    guard try await leg.target.mount(blob, from: copy.source) else { return false }
    leg.mounted(blob)
    return true
  }

  private func fromSource(_ blob: Descriptor) -> @Sendable (Int64) async throws -> ByteStream {
    { try await copy.source.blob(blob, from: $0) }
  }

  private func share(_ blob: Descriptor, among legs: [CopyLeg]) async {
    let shared = SharedBlob(blob, from: copy.source, readers: legs.count)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await shared.run() }
      for (reader, leg) in legs.enumerated() {
        group.addTask {
          await leg.attempt {
            try await write(blob, to: leg) { try await shared.read(reader, from: $0) }
          }
          shared.leave(reader)
        }
      }
    }
  }

  /// Writes a blob, and once more where its bytes were not its own: the fault may be in the way, and not at the source.
  private func write(
    _ blob: Descriptor, to leg: CopyLeg,
    firstFrom read: @escaping @Sendable (Int64) async throws -> ByteStream
  ) async throws {
    leg.began(blob)
    for attempt in 1... {
      do {
        let read = attempt == 1 ? read : fromSource(blob)
        try await leg.target.write(blob, from: read) { leg.transferred(blob, $0) }
        return leg.finished(blob)
      } catch  where error.isMismatch && attempt < copy.options.attempts {
        leg.repeated(blob, error)
      }
    }
  }
}

extension Manifest {
  /// The blobs that go with the manifest: config and layers but for those that may not be distributed, and what an
  /// index lists that is no manifest, as BuildKit's caches do.
  var blobs: [Descriptor] {
    let all = [config].compactMap { $0 } + layers + entries.filter { $0.mediaType.manifestKind == nil }
    return all.filter { !$0.mediaType.isNonDistributable }
  }
}
