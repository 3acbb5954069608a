public import OCI

internal import NIOCore
internal import RegistryClient

/// Files with a manifest, ready to be pushed (OCI image spec, "Guidelines for Artifact Usage").
///
/// The same files are the same manifest: no time is written into it.
public struct Artifact: Sendable {
  /// A blob, and the file it comes from; without a file it is the empty JSON object.
  private struct Blob: Sendable {
    let descriptor: Descriptor
    let file: ArtifactFile?
  }

  /// The type of artifacts that nobody gave one, as ORAS has it.
  public static let unknownType = "application/vnd.unknown.artifact.v1"

  /// The manifest.
  public let manifest: Manifest
  /// What points at the manifest.
  public let descriptor: Descriptor
  private let blobs: [Blob]

  /// Hashes files and writes their manifest.
  ///
  /// - Parameters:
  ///   - type: what the artifact is, such as `application/spdx+json`.
  ///   - subject: what the artifact is about, which makes it a referrer.
  /// - Throws: `ImagesError` for a file that cannot be read, or two of the same name.
  public init(
    _ files: [ArtifactFile], type: MediaType?, annotations: [String: String] = [:], subject: Descriptor? = nil
  ) async throws {
    let titles = Dictionary(grouping: files, by: \.title)
    if let twice = titles.first(where: { $0.value.count > 1 }) {
      throw ImagesError(.unsupported, "\(twice.key) is named twice: each file of an artifact has a name of its own")
    }
    let empty = Blob(descriptor: .empty, file: nil)
    var layers: [Blob] = []
    for file in files { layers.append(Blob(descriptor: try await file.descriptor(), file: file)) }
    if layers.isEmpty { layers = [empty] }
    var members = [
      ("schemaVersion", "2"), ("mediaType", JSONText.string(MediaType.ociManifest.value)),
      ("artifactType", JSONText.string(type?.value ?? Self.unknownType)), ("config", empty.descriptor.json),
      ("layers", JSONText.array(layers.map(\.descriptor.json))),
    ]
    if let subject {
      let plain = Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size)
      members.append(("subject", plain.json))
    }
    if !annotations.isEmpty {
      let sorted = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
      members.append(("annotations", JSONText.object(sorted)))
    }
    manifest = try Manifest(parsing: Array(JSONText.object(members).utf8), contentType: .ociManifest)
    descriptor = manifest.descriptor
    blobs = [empty] + layers
  }

  /// Brings the blobs that are missing, and then the manifest.
  ///
  /// - Parameters:
  ///   - blobsAtOnce: how many blobs are transferred at the same time.
  ///   - report: is told what happens, as with a copy to a single destination.
  public func push(
    to target: any ImageTarget, at place: ManifestPlace, blobsAtOnce: Int = 6,
    report: @escaping @Sendable (CopyProgress) -> Void
  ) async throws {
    var seen: Set<Digest> = []
    let wanted = blobs.filter { seen.insert($0.descriptor.digest).inserted }
    report(.planned(blobs: wanted.count, bytes: wanted.reduce(0) { $0 + $1.descriptor.size }, target: 0))
    do {
      _ = try await wanted.concurrently(blobsAtOnce) { try await push($0, to: target, report) }
      try await target.write(manifest, descriptor, at: place)
      try await target.finish()
    } catch {
      await target.abandon()
      throw error
    }
    report(.wroteManifest(descriptor, at: place, target: 0))
  }

  private func push(
    _ blob: Blob, to target: any ImageTarget, _ report: @escaping @Sendable (CopyProgress) -> Void
  ) async throws {
    let descriptor = blob.descriptor
    guard try await !target.hasBlob(descriptor) else {
      report(.skipped(descriptor, target: 0))
      return
    }
    report(.began(descriptor, target: 0))
    try await target.write(descriptor) { offset in
      guard let file = blob.file else { return ByteStream(EmptyObject(offset: Int(offset))) }
      return try await file.bytes(from: offset, size: descriptor.size)
    } progress: { bytes in
      report(.transferred(descriptor, bytes: bytes, target: 0))
    }
    report(.finished(descriptor, target: 0))
  }
}

/// The bytes of the empty JSON object from an offset on.
private struct EmptyObject: AsyncSequence, Sendable {
  static let bytes = Array("{}".utf8)

  let offset: Int

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: ByteBuffer(bytes: Self.bytes.dropFirst(offset))) }

  struct AsyncIterator: AsyncIteratorProtocol {
    var rest: ByteBuffer?

    mutating func next() -> ByteBuffer? {
      defer { rest = nil }
      return rest
    }
  }
}

extension Descriptor {
  /// What points at the empty JSON object (OCI image spec, "Guidance for an Empty Descriptor").
  static let empty = Descriptor(
    mediaType: .ociEmpty, digest: Digest.of(EmptyObject.bytes), size: Int64(EmptyObject.bytes.count))
}
