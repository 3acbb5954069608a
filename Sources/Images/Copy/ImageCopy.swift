internal import Locks
internal import OCI

/// One image on its way.
struct ImageCopy: Sendable {
  let source: any ImageSource
  let legs: [CopyLeg]
  let options: CopyOptions
  let report: @Sendable (CopyProgress) -> Void

  /// How many questions are asked at the same time.
  static let questionsAtOnce = 16

  func run(_ name: ImageName?) async throws -> CopyReport {
    // What the targets have is asked while the source is asked what there is.
    async let namesThere = legs.concurrently(Self.questionsAtOnce) { leg in
      await leg.attempt { try await digests(of: leg.names, at: leg.target) } ?? [:]
    }
    let image = try await SelectedImage(name, from: source, for: options.platforms)
    var settled: [Int: CopyReport.Outcome] = [:]
    var names: [[RefName]] = []
    for (leg, there) in zip(legs, try await namesThere) {
      let missing = leg.names.filter { there[$0] != image.descriptor.digest }
      names.append(missing)
      if let taken = missing.first(where: { there[$0] != nil }), options.keepsNames, let digest = there[taken] {
        settled[leg.index] = .kept(taken, digest)
      } else if missing.isEmpty, !leg.names.isEmpty {
        settled[leg.index] = .upToDate
      }
    }
    let goingOn = legs.filter {
      guard $0.isOpen else { return false }
      switch settled[$0.index] {
      case nil: return true
      case .upToDate: return options.referrers
      default: return false
      }
    }
    var absent: [Descriptor] = []
    if !goingOn.isEmpty { absent = try await bring(image, to: goingOn, names: names) }
    return CopyReport(
      image: image.descriptor, destinations: await outcomes(settled), absent: absent)
  }

  private func digests(of names: [RefName], at target: any ImageTarget) async throws -> [RefName: Digest] {
    let digests = try await names.concurrently(Self.questionsAtOnce) { try await target.digest(of: $0) }
    return Dictionary(zip(names, digests).compactMap { name, digest in digest.map { (name, $0) } }) { $1 }
  }

  /// - Parameter names: what is still to be named, for each leg.
  private func bring(_ image: SelectedImage, to legs: [CopyLeg], names: [[RefName]]) async throws -> [Descriptor] {
    let survey = ImageSurvey(source: source, legs: legs, report: report)
    let root = try await survey.root(image, legs: legs) { leg in
      let missing = names[leg.index]
      return missing.isEmpty ? (leg.names.isEmpty ? [.listed] : []) : missing.map { .named($0) }
    }
    for leg in legs { _ = await leg.attempt { try await leg.target.prepare(for: root.top.manifest) } }
    var roots = options.referrers ? try await survey.referrers() : []
    roots.append(root)
    try await BlobTransfers(copy: self, legs: legs).run(roots.flatMap(\.manifests))
    for root in roots { try await write(root, legs) }
    return survey.absent
  }

  private func write(_ root: SurveyedImage, _ legs: [CopyLeg]) async throws {
    // Each level needs the ones below it only.
    for level in Set(root.manifests.map(\.height)).sorted() {
      let manifests = root.manifests.filter { $0.height == level }
      _ = try await legs.concurrently(legs.count) { leg in
        await leg.attempt {
          _ = try await manifests.concurrently(options.blobsAtOnce) { manifest in
            for place in manifest.places[leg.index] ?? [] {
              try await leg.target.write(manifest.manifest, manifest.descriptor, at: place)
              leg.wrote(manifest.descriptor, at: place)
            }
          }
        }
      }
    }
  }

  private func outcomes(_ settled: [Int: CopyReport.Outcome]) async -> [CopyReport.Destination] {
    var destinations: [CopyReport.Destination] = []
    for leg in legs {
      if settled[leg.index] == nil { await leg.attempt { try await leg.target.finish() } }
      if !leg.isOpen { await leg.target.abandon() }
      destinations.append(
        .init(place: leg.target.place, outcome: outcome(leg, settled[leg.index]), tally: leg.tally))
    }
    return destinations
  }

  private func outcome(_ leg: CopyLeg, _ settled: CopyReport.Outcome?) -> CopyReport.Outcome {
    if let failure = leg.failure { return .failed(failure) }
    // What refers to an image may be new where the image is not.
    if case .upToDate = settled, leg.tally.manifests > 0 { return .copied }
    return settled ?? .copied
  }
}

/// What is to be copied: a manifest of the source, or a subset that was made of one.
struct SelectedImage: Sendable {
  let descriptor: Descriptor
  /// The manifest where it was read already.
  let manifest: Manifest?

  /// Finds an image, and in an index what is for the platforms that are wanted.
  init(_ name: ImageName?, from source: any ImageSource, for platforms: [Platform]) async throws {
    let root = try await source.mustResolve(name)
    if platforms.isEmpty {
      (descriptor, manifest) = (root, nil)
    } else if platforms.count == 1 {
      let chosen = try await source.image(root, platform: platforms[0])
      (descriptor, manifest) = (chosen.descriptor, chosen.manifest)
    } else {
      let subset = try PlatformSelection.subset(
        of: try await source.mustGet(root), for: platforms, in: source.place)
      (descriptor, manifest) = (subset.descriptor(algorithm: root.digest.algorithm), subset)
    }
  }
}
