public import OCI

/// A folder that the files of an artifact are written into.
public struct ArtifactFolder: Sendable {
  /// What was written.
  public struct Written: Hashable, Sendable {
    /// The files, in the manifest's order.
    public let files: [ArtifactTitle]
    /// The blobs that have no title, and so became no files.
    public let untitled: [Descriptor]
  }

  /// The folder.
  public let path: String

  /// Takes a folder; it is made where it is missing.
  public init(_ path: String) {
    self.path = path
  }

  /// Writes the blobs of a manifest as the files that their titles name, each of them whole or not at all.
  ///
  /// - Parameters:
  ///   - blobsAtOnce: how many blobs are transferred at the same time.
  ///   - report: is told what happens, as with a copy to a single destination.
  /// - Throws: `ImagesError`; nothing is written where a title leads out of the folder, or stands twice.
  public func pull(
    _ manifest: Manifest, from source: any ImageSource, blobsAtOnce: Int = 6,
    report: @escaping @Sendable (CopyProgress) -> Void
  ) async throws -> Written {
    var (titled, untitled): ([(ArtifactTitle, Descriptor)], [Descriptor]) = ([], [])
    for blob in manifest.layers {
      switch blob.annotations[ArtifactTitle.annotation] {
      case let text?: titled.append((try title(text), blob))
      case nil: if blob.mediaType != .ociEmpty { untitled.append(blob) }
      }
    }
    let titles = titled.map(\.0)
    if let twice = Dictionary(grouping: titles, by: \.self).first(where: { $0.value.count > 1 })?.key {
      throw ImagesError(.malformed, "\(source.place) has two files called \(twice)")
    }
    report(.planned(blobs: titled.count, bytes: titled.reduce(0) { $0 + $1.1.size }, target: 0))
    _ = try await titled.concurrently(blobsAtOnce) { title, blob in
      try await write(blob, as: title, from: source, report)
    }
    return Written(files: titles, untitled: untitled)
  }

  private func title(_ text: String) throws -> ArtifactTitle {
    do {
      return try ArtifactTitle(parsing: text)
    } catch {
      throw ImagesError(.malformed, "nothing was written: \(error)")
    }
  }

  private func write(
    _ blob: Descriptor, as title: ArtifactTitle, from source: any ImageSource,
    _ report: @escaping @Sendable (CopyProgress) -> Void
  ) async throws {
    let folder = title.folder.map { "\(path)/\($0)" } ?? path
    let staged = try await FileThreads.run {
      try FilePath.makeFolder(folder)
      return try StagedFile(in: folder)
    }
    do {
      report(.began(blob, target: 0))
      let bytes = try await source.blob(blob, from: 0)
      try await VerifiedWrite(file: staged.file, offset: 0, blob: blob).run(bytes) { bytes in
        report(.transferred(blob, bytes: bytes, target: 0))
      }
      try await FileThreads.run { try staged.commit(as: "\(path)/\(title)") }
      report(.finished(blob, target: 0))
    } catch {
      try await FileThreads.run { try staged.discard() }
      throw error
    }
  }
}
