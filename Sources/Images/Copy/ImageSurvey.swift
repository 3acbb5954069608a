internal import Locks
internal import OCI

/// A manifest that has to go somewhere.
struct SurveyedManifest: Sendable {
  let descriptor: Descriptor
  let manifest: Manifest
  /// How many levels of manifests are below it.
  let height: Int
  /// Where it is to be found at which leg's target; a leg that has it already is not in here.
  let places: [Int: [ManifestPlace]]
  /// The legs whose targets do not have it, and so may lack its blobs.
  let missing: Set<Int>
}

/// An image with all below it that has to go somewhere, the lowest manifests first.
struct SurveyedImage: Sendable {
  let manifests: [SurveyedManifest]

  /// The image's own manifest.
  var top: SurveyedManifest { manifests[manifests.count - 1] }
}

/// Finds out what an image consists of, what refers to it, and what of that the targets lack.
struct ImageSurvey {
  /// How deep indexes may lie in indexes, and referrers refer to referrers.
  static let maximumDepth = 8

  let source: any ImageSource
  let legs: [CopyLeg]
  let report: @Sendable (CopyProgress) -> Void
  /// The digests of all manifests that belong to the image, also of those that are there already.
  private let seen = Locked<[Digest]>([])
  private let missing = Locked<[Descriptor]>([])

  init(source: any ImageSource, legs: [CopyLeg], report: @escaping @Sendable (CopyProgress) -> Void) {
    self.source = source
    self.legs = legs
    self.report = report
  }

  /// What indexes list and the source does not have.
  var absent: [Descriptor] { missing.withLock { $0 } }

  /// Surveys an image.
  ///
  /// - Parameter places: where its manifest is to be found at a target.
  func root(
    _ image: SelectedImage, legs: [CopyLeg], places: (CopyLeg) -> [ManifestPlace]
  ) async throws -> SurveyedImage {
    see(image.descriptor.digest)
    let manifest = if let read = image.manifest { read } else { try await source.mustGet(image.descriptor) }
    let lacking = try await legsLacking(image.descriptor)
    var wanted: [Int: [ManifestPlace]] = [:]
    for leg in legs {
      // What is only to be found by its digest can be found so where it is.
      wanted[leg.index] = places(leg).filter { $0 != .listed || lacking.contains(leg.index) }
    }
    return try await survey(image.descriptor, manifest, places: wanted, lacking: lacking)
  }

  @discardableResult
  private func see(_ digest: Digest) -> Bool {
    seen.withLock { seen in
      if seen.contains(digest) { return false }
      seen.append(digest)
      return true
    }
  }

  private func survey(
    _ descriptor: Descriptor, _ manifest: Manifest, places: [Int: [ManifestPlace]], lacking: Set<Int>
  ) async throws -> SurveyedImage {
    SurveyedImage(manifests: try await below(descriptor, manifest, places: places, lacking: lacking, depth: 0))
  }

  /// The manifest and those below it, the lowest first.
  private func below(
    _ descriptor: Descriptor, _ manifest: Manifest, places: [Int: [ManifestPlace]], lacking: Set<Int>, depth: Int
  ) async throws -> [SurveyedManifest] {
    guard depth < Self.maximumDepth else {
      throw ImagesError(.unsupported, "indexes lie in indexes more than \(Self.maximumDepth) levels deep")
    }
    let children = manifest.entries.filter { $0.mediaType.manifestKind != nil && see($0.digest) }
    let under = try await children.concurrently(ImageCopy.questionsAtOnce) { try await child($0, depth: depth + 1) }
      .flatMap { $0 }
    let height = (under.map(\.height).max() ?? -1) + 1
    let own = SurveyedManifest(
      descriptor: descriptor, manifest: manifest, height: height, places: places, missing: lacking)
    return under + [own]
  }

  private func child(_ descriptor: Descriptor, depth: Int) async throws -> [SurveyedManifest] {
    let lacking = try await legsLacking(descriptor)
    // An image that everybody has is complete; an index may list what is missing.
    if lacking.isEmpty && descriptor.mediaType.manifestKind != .index { return [] }
    guard let manifest = try await source.manifest(descriptor) else {
      missing.withLock { $0.append(descriptor) }
      report(.absent(descriptor))
      return []
    }
    let places = Dictionary(uniqueKeysWithValues: lacking.map { ($0, [ManifestPlace.inside]) })
    return try await below(descriptor, manifest, places: places, lacking: lacking, depth: depth)
  }

  private func legsLacking(_ descriptor: Descriptor) async throws -> Set<Int> {
    let lacking = try await legs.concurrently(ImageCopy.questionsAtOnce) { leg in
      await leg.attempt { try await leg.target.hasManifest(descriptor) } == false
    }
    return Set(zip(legs, lacking).compactMap { leg, lacks in lacks ? leg.index : nil })
  }
}

extension ImageSurvey {
  /// What refers to the image, to what is below it, and to what refers to it in turn, in all schemes.
  func referrers() async throws -> [SurveyedImage] {
    var found: [SurveyedImage] = []
    var done = 0
    for _ in 0..<Self.maximumDepth {
      let subjects = Array(seen.withLock { $0[done...] })
      guard !subjects.isEmpty else { return found }
      done += subjects.count
      let next = try await subjects.concurrently(ImageCopy.questionsAtOnce) { subject in
        try await listed(under: subject) + tagged(for: subject)
      }
      found += next.flatMap { $0 }
    }
    return found
  }

  /// By the referrers API, or the index that stands in for it.
  private func listed(under subject: Digest) async throws -> [SurveyedImage] {
    var images: [SurveyedImage] = []
    for referrer in try await source.referrers(of: subject) where see(referrer.digest) {
      let lacking = try await legsLacking(referrer)
      if lacking.isEmpty && referrer.mediaType.manifestKind != .index { continue }
      guard let manifest = try await source.manifest(referrer) else {
        missing.withLock { $0.append(referrer) }
        report(.absent(referrer))
        continue
      }
      let places = Dictionary(uniqueKeysWithValues: lacking.map { ($0, [ManifestPlace.listed]) })
      images.append(try await survey(referrer, manifest, places: places, lacking: lacking))
    }
    return images
  }

  /// By cosign's tags, and by the tag of clients that do without the referrers API.
  private func tagged(for subject: Digest) async throws -> [SurveyedImage] {
    let stem = Tag(referrersOf: subject).value
    var images: [SurveyedImage] = []
    for suffix in ["", ".sig", ".att", ".sbom"] {
      guard let tag = try? Tag(parsing: stem + suffix) else { continue }
      let name = RefName(tag)
      guard let descriptor = try await source.resolve(.name(name)) else { continue }
      var places: [Int: [ManifestPlace]] = [:]
      for leg in legs {
        let there = await leg.attempt { try await leg.target.digest(of: name) }
        guard let there, there != descriptor.digest else { continue }
        // A target's own list of referrers grows with what is written there, and is not to be replaced.
        if there == nil || !suffix.isEmpty { places[leg.index] = [.named(name)] }
      }
      see(descriptor.digest)
      guard !places.isEmpty else { continue }
      let manifest = try await source.mustGet(descriptor)
      let lacking = try await legsLacking(descriptor)
      images.append(try await survey(descriptor, manifest, places: places, lacking: lacking))
    }
    return images
  }
}
