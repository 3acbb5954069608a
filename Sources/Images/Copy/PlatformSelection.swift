internal import OCI

/// The part of an index that is for some platforms.
enum PlatformSelection {
  /// The annotation with which BuildKit says which image an attestation is about.
  static let subjectAnnotation = "vnd.docker.reference.digest"

  /// The index with the entries for some platforms, and the attestations that BuildKit made for those.
  ///
  /// What is left is left byte for byte; with every entry left, the index is the same one.
  ///
  /// - Throws: `ImagesError` of the code `missing` where nothing is for one of the platforms.
  static func subset(of index: Manifest, for platforms: [Platform], in place: String) throws -> Manifest {
    guard index.kind == .index else {
      throw ImagesError(.unsupported, "\(place) holds a single image there, of which there are not several platforms")
    }
    for platform in platforms where !index.entries.contains(where: { $0.platform?.satisfies(platform) == true }) {
      throw nothing(for: platform, in: index, place)
    }
    let images = index.entries.filter { entry in
      platforms.contains { entry.platform?.satisfies($0) == true }
    }
    let kept = Set(images.map(\.digest.description))
    let bytes = try IndexText(verifying: index.bytes).keeping { position in
      let entry = index.entries[position]
      return kept.contains(entry.annotations[subjectAnnotation] ?? entry.digest.description)
    }
    do {
      return try Manifest(parsing: bytes, contentType: index.mediaType)
    } catch {
      throw ImagesError(.malformed, "the index in \(place) cannot be cut: \(error)")
    }
  }

  private static func nothing(for platform: Platform, in index: Manifest, _ place: String) -> ImagesError {
    let there = index.entries.filter { !$0.isAttestation }.compactMap(\.platform).map(\.description)
    let choice = there.isEmpty ? "its index names no platforms" : "there is \(there.joined(separator: ", "))"
    return ImagesError(.missing, "the image in \(place) is not there for \(platform): \(choice)")
  }
}
