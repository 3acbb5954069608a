internal import Catalog

/// The bytes that only one tag, or only one manifest, needs.
///
/// They are what deleting it alone would free: what another tag, another manifest without a tag, or another repository
/// needs as well is nobody's.
struct HeldBytes {
  /// For each tag.
  let ofTags: [Int64]
  /// For each manifest.
  let ofManifests: [Int64]

  init(_ contents: RepositoryContents, _ graph: RepositoryGraph, roots: [Int32]) {
    let holders = Self.holders(of: contents, graph, roots: roots)
    var ofTags = [Int64](repeating: 0, count: contents.tags.count)
    var ofManifests = contents.manifests.map(\.size)
    func add(_ bytes: Int64, to holder: Holder) {
      if case .one(let root) = holder, root < ofTags.count { ofTags[Int(root)] += bytes }
    }
    for (manifest, holder) in zip(contents.manifests, holders) { add(manifest.size, to: holder) }
    for blob in contents.blobs where !blob.isShared {
      let manifests = contents.manifests(needing: blob)
      if manifests.count == 1, let only = manifests.first { ofManifests[Int(only)] += blob.size }
      add(blob.size, to: manifests.reduce(.nobody) { $0.and(holders[Int($1)]) })
    }
    self.ofTags = ofTags
    self.ofManifests = ofManifests
  }

  /// What a manifest hangs on: tags are named by their places, and other roots by numbers behind those.
  private enum Holder: Hashable {
    case nobody
    case one(Int32)
    case several

    func and(_ other: Holder) -> Holder {
      switch (self, other) {
      case (.nobody, _): other
      case (_, .nobody): self
      default: self == other ? self : .several
      }
    }
  }

  /// Each manifest's holder changes twice at the most, so this ends.
  private static func holders(
    of contents: RepositoryContents, _ graph: RepositoryGraph, roots: [Int32]
  ) -> [Holder] {
    var holders = [Holder](repeating: .nobody, count: contents.manifests.count)
    var waiting: [Int32] = []
    func add(_ holder: Holder, to place: Int32) {
      let sum = holders[Int(place)].and(holder)
      guard sum != holders[Int(place)] else { return }
      holders[Int(place)] = sum
      waiting.append(place)
    }
    for (place, tag) in zip(Int32(0)..., contents.tags) where graph.subjects[Int(place)] == nil {
      add(.one(place), to: tag.manifest)
    }
    let tagged = contents.tags.count - graph.subjects.count { $0 != nil }
    for (number, place) in zip(Int32(contents.tags.count)..., roots[tagged...]) { add(.one(number), to: place) }
    while let place = waiting.popLast() {
      let holder = holders[Int(place)]
      for entry in graph.entries(of: place) { add(holder, to: entry) }
      for referrer in graph.about(place) { add(holder, to: referrer) }
    }
    return holders
  }
}
