internal import OCI
internal import RegistryClient

/// What a layout holds, in a folder or in an archive.
struct LayoutContents: Sendable {
  /// What messages call it.
  let place: String
  /// Reads the index; it blocks.
  let index: @Sendable () throws -> LayoutIndex
  /// Finds a blob, or nil where there is none; it blocks.
  let part: @Sendable (Digest) throws -> FilePart?

  /// What a name stands for in the index; a digest may be that of any manifest.
  func resolve(_ name: ImageName?) async throws -> Descriptor? {
    try await FileThreads.run {
      if let descriptor = try index().resolve(name, in: place) { return descriptor }
      guard case .digest(let digest) = name, let part = try part(digest), part.size <= Manifest.maximumSize,
        let manifest = try? Manifest(parsing: try part.readAll(limit: Manifest.maximumSize), contentType: nil)
      else { return nil }
      return manifest.descriptor(algorithm: digest.algorithm)
    }
  }

  func manifest(_ descriptor: Descriptor) async throws -> Manifest? {
    try await FileThreads.run { try manifestNow(descriptor) }
  }

  func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    let found = try await FileThreads.run { try part(descriptor.digest) }
    guard let part = found else { throw ImagesError(.missing, "\(place) has no blob \(descriptor.digest)") }
    guard part.size == descriptor.size else {
      throw ImagesError(
        .mismatch,
        "\(place) has the blob \(descriptor.digest) in \(part.size) bytes, and what refers to it says \(descriptor.size)"
      )
    }
    return part.bytes(from: offset)
  }

  /// The manifests that the index lists and that have the subject; also what the tag for referrers lists.
  func referrers(of digest: Digest) async throws -> [Descriptor] {
    try await FileThreads.run {
      let name = Tag(referrersOf: digest).value
      var found: [Descriptor] = []
      for entry in try index().entries where entry.mediaType.manifestKind != nil {
        guard let manifest = try manifestNow(entry) else { continue }
        if entry.refName == name { found += manifest.entries }
        if manifest.subject?.digest == digest {
          found.append(manifest.descriptor(algorithm: entry.digest.algorithm))
        }
      }
      var seen: Set<Digest> = []
      return found.filter { seen.insert($0.digest).inserted }
    }
  }

  private func manifestNow(_ descriptor: Descriptor) throws -> Manifest? {
    guard let part = try part(descriptor.digest) else { return nil }
    return try Manifest(verifying: try part.readAll(limit: Manifest.maximumSize), as: descriptor, from: place)
  }
}
