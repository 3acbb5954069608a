internal import Catalog
internal import OCI

/// What keeps what in a repository.
struct RepositoryGraph {
  /// The tags that are about a manifest that is here: the place of that manifest for each of them, and nil for others.
  let subjects: [Int32?]
  private let entries: Adjacency
  private let about: Adjacency

  /// - Parameter followsTags: whether tags of the older scheme are about other manifests; else they are tags as all are.
  init(_ contents: RepositoryContents, followsTags: Bool = true) {
    subjects = followsTags ? Self.subjects(of: contents) : Array(repeating: nil, count: contents.tags.count)
    let tagged = zip(contents.tags, subjects).compactMap { tag, subject in
      subject.map { RepositoryContents.Edge(from: $0, to: tag.manifest) }
    }
    entries = Adjacency(contents.entries, count: contents.manifests.count)
    about = Adjacency(contents.referrers + tagged, count: contents.manifests.count)
  }

  private static func subjects(of contents: RepositoryContents) -> [Int32?] {
    let made = contents.tags.map { DigestTag($0.tag) }
    let wanted = Set(made.compactMap { $0?.digests.lowerBound.beginning })
    var places: [UInt64: [Int32]] = [:]
    if !wanted.isEmpty {
      for (place, manifest) in zip(Int32(0)..., contents.manifests) {
        let beginning = manifest.digest.beginning
        if wanted.contains(beginning) { places[beginning, default: []].append(place) }
      }
    }
    return made.map { tag in
      guard let tag else { return nil }
      return places[tag.digests.lowerBound.beginning]?.first {
        tag.digests.contains(contents.manifests[Int($0)].digest)
      }
    }
  }

  /// The entries of an index.
  func entries(of manifest: Int32) -> ArraySlice<Int32> { entries[manifest] }

  /// What refers to a manifest, or is kept about it under a tag.
  func about(_ manifest: Int32) -> ArraySlice<Int32> { about[manifest] }
}

extension Digest {
  /// Its first bytes, which hardly ever two digests share.
  fileprivate var beginning: UInt64 { withBytes { $0.loadUnaligned(as: UInt64.self) } }
}

/// Edges by where they begin.
private struct Adjacency {
  private let starts: [Int32]
  private let targets: [Int32]

  init(_ edges: [RepositoryContents.Edge], count: Int) {
    var starts = [Int32](repeating: 0, count: count + 1)
    for edge in edges { starts[Int(edge.from) + 1] += 1 }
    for place in 1..<starts.count { starts[place] += starts[place - 1] }
    var next = starts
    var targets = [Int32](repeating: 0, count: edges.count)
    for edge in edges {
      targets[Int(next[Int(edge.from)])] = edge.to
      next[Int(edge.from)] += 1
    }
    self.starts = starts
    self.targets = targets
  }

  subscript(_ place: Int32) -> ArraySlice<Int32> {
    targets[Int(starts[Int(place)])..<Int(starts[Int(place) + 1])]
  }
}
