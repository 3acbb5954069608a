internal import Catalog
internal import OCI

/// What keeps what in a repository.
struct RepositoryGraph {
  /// The tags that are about a manifest that is here: the place of that manifest for each of them, and nil for others.
  let subjects: [Int32?]
  private let entries: Adjacency
  private let about: Adjacency

  init(_ contents: RepositoryContents) {
    let held = contents.tags.map { DigestTag($0.tag) }
    let wanted = Set(held.compactMap { $0 })
    var places: [DigestTag: Int32] = [:]
    if !wanted.isEmpty {
      for (place, manifest) in contents.manifests.enumerated() {
        let key = DigestTag(of: manifest.digest)
        if wanted.contains(key) { places[key] = Int32(place) }
      }
    }
    subjects = held.map { $0.flatMap { places[$0] } }
    let tagged = zip(contents.tags, subjects).compactMap { tag, subject in
      subject.map { RepositoryContents.Edge(from: $0, to: tag.manifest) }
    }
    entries = Adjacency(contents.entries, count: contents.manifests.count)
    about = Adjacency(contents.referrers + tagged, count: contents.manifests.count)
  }

  /// The entries of an index.
  func entries(of manifest: Int32) -> ArraySlice<Int32> { entries[manifest] }

  /// What refers to a manifest, or is kept about it under a tag.
  func about(_ manifest: Int32) -> ArraySlice<Int32> { about[manifest] }
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
