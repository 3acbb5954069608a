public import Catalog
public import OCI

/// How many bytes a repository has, and what deleting its tags would free.
///
/// What a tag has is what it names with the entries of indexes at any depth, what refers to any of it, and the blobs of
/// all that. Deleting a tag frees what nothing else keeps: no other tag, no manifest without one that stands for itself,
/// nothing that is held, and no other repository. Time and memory are in proportion to the repository.
public struct RepositoryUsage: Sendable {
  /// What one tag has.
  public struct Tagged: Sendable {
    /// The tag.
    public let tag: Tag
    /// What it names.
    public let digest: Digest
    /// The bytes of all that it has.
    public let bytes: Int64
    /// Those of them that nothing else in the registry has.
    public let unique: Int64
    /// Those that deleting it alone would free in the end, what is held left out.
    public let freed: Int64
  }

  /// The tags, in the order of their names.
  public let tags: [Tagged]
  /// The bytes of all that manifests of the repository have.
  public let bytes: Int64
  /// Those of them that no other repository has.
  public let unique: Int64

  private let contents: RepositoryContents
  private let graph: RepositoryGraph
  /// What is there without a tag, and what is held.
  private let others: [Int32]

  /// Adds up what there is.
  public init(of contents: RepositoryContents) {
    let graph = RepositoryGraph(contents, followsTags: false)
    let tagged = contents.tags.map(\.manifest)
    let untagged = contents.untagged
    let held = zip(Int32(0)..., contents.manifests).compactMap { $1.isHeld ? $0 : nil }
    let unique = HeldBytes(contents, graph, roots: tagged + untagged)
    let freed = HeldBytes(contents, graph, roots: tagged + untagged + held)
    var sizes = ReachedBytes(contents, graph)
    tags = contents.tags.enumerated().map { place, tag in
      Tagged(
        tag: tag.tag, digest: contents.manifests[Int(tag.manifest)].digest, bytes: sizes.bytes(from: tag.manifest),
        unique: unique.ofTags[place], freed: freed.ofTags[place])
    }
    let manifests = contents.manifests.reduce(0) { $0 + $1.size }
    bytes = contents.blobs.reduce(manifests) { $0 + $1.size }
    self.unique = contents.blobs.reduce(manifests) { $0 + ($1.isShared ? 0 : $1.size) }
    self.contents = contents
    self.graph = graph
    others = untagged + held
  }

  /// How many bytes deleting some tags together would free in the end.
  public func freed(byDeleting deleted: Set<Tag>) -> Int64 {
    let before = reached(from: contents.tags.map(\.manifest) + others)
    let after = reached(from: contents.tags.filter { !deleted.contains($0.tag) }.map(\.manifest) + others)
    var bytes: Int64 = 0
    for (place, manifest) in contents.manifests.enumerated() where before[place] && !after[place] {
      bytes += manifest.size
    }
    for blob in contents.blobs where !blob.isShared {
      let manifests = contents.manifests(needing: blob)
      if manifests.contains(where: { before[Int($0)] }), !manifests.contains(where: { after[Int($0)] }) {
        bytes += blob.size
      }
    }
    return bytes
  }

  private func reached(from roots: [Int32]) -> [Bool] {
    var isReached = [Bool](repeating: false, count: contents.manifests.count)
    var waiting = roots
    while let place = waiting.popLast() {
      guard !isReached[Int(place)] else { continue }
      isReached[Int(place)] = true
      waiting += graph.entries(of: place)
      waiting += graph.about(place)
    }
    return isReached
  }
}

/// The bytes of all that can be reached from a manifest.
private struct ReachedBytes {
  private let contents: RepositoryContents
  private let graph: RepositoryGraph
  /// The blobs of each manifest, by their places, manifest after manifest.
  private let blobs: [Int32]
  private let starts: [Int32]
  /// The last walk that came by each manifest, and each blob.
  private var manifestMarks: [Int32]
  private var blobMarks: [Int32]
  private var walk: Int32 = 0
  private var known: [Int32: Int64] = [:]

  init(_ contents: RepositoryContents, _ graph: RepositoryGraph) {
    self.contents = contents
    self.graph = graph
    var starts = [Int32](repeating: 0, count: contents.manifests.count + 1)
    for manifest in contents.blobManifests { starts[Int(manifest) + 1] += 1 }
    for place in 1..<starts.count { starts[place] += starts[place - 1] }
    var next = starts
    var blobs = [Int32](repeating: 0, count: contents.blobManifests.count)
    for (place, blob) in zip(Int32(0)..., contents.blobs) {
      for manifest in contents.manifests(needing: blob) {
        blobs[Int(next[Int(manifest)])] = place
        next[Int(manifest)] += 1
      }
    }
    self.starts = starts
    self.blobs = blobs
    manifestMarks = Array(repeating: 0, count: contents.manifests.count)
    blobMarks = Array(repeating: 0, count: contents.blobs.count)
  }

  mutating func bytes(from root: Int32) -> Int64 {
    if let bytes = known[root] { return bytes }
    walk += 1
    var bytes: Int64 = 0
    var waiting = [root]
    while let place = waiting.popLast() {
      guard manifestMarks[Int(place)] != walk else { continue }
      manifestMarks[Int(place)] = walk
      bytes += contents.manifests[Int(place)].size
      for blob in blobs[Int(starts[Int(place)])..<Int(starts[Int(place) + 1])] where blobMarks[Int(blob)] != walk {
        blobMarks[Int(blob)] = walk
        bytes += contents.blobs[Int(blob)].size
      }
      waiting += graph.entries(of: place)
      waiting += graph.about(place)
    }
    known[root] = bytes
    return bytes
  }
}
