internal import OCI

/// The list of what a layout holds, `index.json` (OCI image spec, "Image Layout").
struct LayoutIndex {
  /// The annotation that holds an entry's name.
  static let nameAnnotation = "org.opencontainers.image.ref.name"
  /// The annotation in which containerd and Docker keep the whole name, registry included.
  static let imageNameAnnotation = "io.containerd.image.name"

  /// The index of a layout that holds nothing.
  static let empty = Array(
    #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#.utf8)

  /// The entries in their order.
  let entries: [Descriptor]
  private let text: IndexText

  /// Reads an index.
  ///
  /// - Parameter place: where it comes from, for messages.
  init(_ bytes: [UInt8], from place: String) throws {
    do {
      let manifest = try Manifest(parsing: bytes, contentType: .ociIndex)
      entries = manifest.entries
    } catch {
      throw ImagesError(.malformed, "\(place) has an index.json that cannot be read: \(error)")
    }
    text = try IndexText(verifying: bytes)
  }

  /// The index of entries.
  init(_ entries: [Descriptor]) throws {
    self.entries = entries
    let empty = try IndexText(verifying: Self.empty)
    text = try IndexText(verifying: empty.keeping({ _ in true }, adding: entries.map(\.json)))
  }

  /// The index as JSON.
  var bytes: [UInt8] { text.bytes }

  /// What has a name or a digest; the one entry that nothing else refers to, for nil.
  ///
  /// - Throws: `ImagesError` of the code `unsupported` where nil could mean several.
  func resolve(_ name: ImageName?, in place: String) throws -> Descriptor? {
    switch name {
    case .digest(let digest): return entries.first { $0.digest == digest }
    case .name(let name): return entries.last { $0.isNamed(name) }
    case nil:
      let named = entries.filter { $0.refName != nil }
      let candidates = named.isEmpty ? entries : named
      guard Set(candidates.map(\.digest)).count <= 1 else {
        let names = candidates.map { $0.refName ?? $0.digest.description }.sorted().prefix(12)
        throw ImagesError(
          .unsupported,
          "\(place) holds several images; say which one by :name or @digest. It holds \(names.joined(separator: ", "))")
      }
      return candidates.first
    }
  }

  /// The index with a manifest in it.
  ///
  /// - Parameter name: what it is called; what was called so before is not any more, and goes from the list. Nil lists
  ///   it by its digest.
  func listing(_ descriptor: Descriptor, named name: RefName?) throws -> LayoutIndex {
    let isListed = entries.contains { $0.digest == descriptor.digest }
    if name == nil && isListed { return self }
    let entry = Descriptor(
      mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size,
      artifactType: descriptor.artifactType, annotations: name.map { [Self.nameAnnotation: $0.value] } ?? [:],
      platform: descriptor.platform)
    let kept = text.keeping(
      { index in
        let old = entries[index]
        return old.refName.map { $0 != name?.value } ?? (old.digest != descriptor.digest)
      }, adding: [entry.json])
    return try LayoutIndex(kept, from: "the layout")
  }

  /// The index without a name, and without what had it.
  func removing(_ name: RefName) throws -> LayoutIndex {
    try LayoutIndex(text.keeping { entries[$0].refName != name.value }, from: "the layout")
  }
}

extension Descriptor {
  /// The name that a layout's index gives the entry.
  var refName: String? { annotations[LayoutIndex.nameAnnotation] }

  fileprivate func isNamed(_ name: RefName) -> Bool {
    refName == name.value || annotations[LayoutIndex.imageNameAnnotation] == name.value
  }
}
