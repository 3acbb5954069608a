public import Catalog
public import OCI

extension RetentionPlan {
  /// Decides what a policy keeps of a repository's contents, and what goes.
  ///
  /// What is kept keeps everything that can be reached from it: entries of indexes at any depth, what refers to it, and
  /// what is kept about it under tags that hold its digest. The same contents, policy and moment give the same plan. It
  /// takes time in proportion to the contents, but for the sorting of what rules order.
  public init(_ policy: RetentionPolicy, for contents: RepositoryContents, at now: Timestamp) {
    let graph = RepositoryGraph(contents)
    let rules = RuleVerdicts(policy, contents, at: now)
    let ruled = rules.ofTags(leavingOut: graph.subjects)
    let untagged = contents.untagged
    let untaggedVerdicts = rules.ofUntagged(untagged)
    var manifests = ManifestVerdicts(graph, count: contents.manifests.count)

    // What is known to stay, the most telling cause first.
    for (place, tag) in contents.tags.enumerated() where tag.isProtected || ruled[place]?.isKept == true {
      manifests.keep(tag.manifest, .tag(Int32(place)))
    }
    let lately = now - policy.pulledLately
    for (place, manifest) in zip(Int32(0)..., contents.manifests) {
      if manifest.isHeld { manifests.keep(place, .protected) }
      if let pulledAt = manifest.pulledAt, pulledAt >= lately { manifests.keep(place, .pulledLately) }
    }
    for case (let place, .kept(let cause)) in untaggedVerdicts { manifests.keep(place, cause) }
    // What hangs on nothing that a rule could be about stays: only manifests that name each other in a circle do.
    let roots = zip(contents.tags, graph.subjects).compactMap { $1 == nil ? $0.manifest : nil } + untagged
    for place in graph.unreachable(from: roots, count: contents.manifests.count) { manifests.keep(place, .noRule) }
    manifests.spreadKept()

    for (place, verdict) in zip(contents.tags, ruled) {
      if case .removed(let rule) = verdict { manifests.remove(place.manifest, byRule: rule) }
    }
    for case (let place, .removed(let rule)) in untaggedVerdicts { manifests.remove(place, byRule: rule) }
    manifests.spreadRemoved()

    let verdicts = manifests.verdicts
    self.manifests = verdicts
    let tags = contents.tags.indices.map { place -> Verdict in
      if contents.tags[place].isProtected { return .kept(.protected) }
      if let verdict = ruled[place] { return verdict }
      guard let subject = graph.subjects[place] else { return .kept(.noRule) }
      if case .removed(let rule) = verdicts[Int(subject)] { return .removed(byRule: rule) }
      return .kept(.about(subject))
    }
    self.tags = tags
    removals = RetentionRemovals(contents, graph, tags: tags, manifests: verdicts)
    let bytes = HeldBytes(contents, graph, roots: roots)
    bytesOfTags = bytes.ofTags
    bytesOfManifests = bytes.ofManifests
    (removedBlobs, removedBytes) = Self.removed(of: contents, verdicts)
  }

  private static func removed(
    of contents: RepositoryContents, _ verdicts: [Verdict]
  ) -> (blobs: [Int32], bytes: Int64) {
    var bytes: Int64 = 0
    for (manifest, verdict) in zip(contents.manifests, verdicts) where !verdict.isKept { bytes += manifest.size }
    var blobs: [Int32] = []
    for (place, blob) in zip(Int32(0)..., contents.blobs) {
      let isKept = contents.manifests(needing: blob).contains { verdicts[Int($0)].isKept }
      guard !isKept else { continue }
      blobs.append(place)
      if !blob.isShared { bytes += blob.size }
    }
    return (blobs, bytes)
  }
}

/// Verdicts on manifests that spread to what they keep.
private struct ManifestVerdicts {
  private let graph: RepositoryGraph
  private var found: [RetentionPlan.Verdict?]
  private var waiting: [Int32] = []

  init(_ graph: RepositoryGraph, count: Int) {
    self.graph = graph
    found = Array(repeating: nil, count: count)
  }

  /// The verdicts, once both have spread: each manifest hangs on something that was judged.
  var verdicts: [RetentionPlan.Verdict] { found.map { $0 ?? .kept(.noRule) } }

  mutating func keep(_ place: Int32, _ cause: RetentionPlan.Cause) { set(place, .kept(cause)) }

  mutating func remove(_ place: Int32, byRule rule: Int32) { set(place, .removed(byRule: rule)) }

  mutating func spreadKept() {
    while let place = waiting.popLast() {
      for entry in graph.entries(of: place) { keep(entry, .entry(of: place)) }
      for referrer in graph.about(place) { keep(referrer, .about(place)) }
    }
  }

  mutating func spreadRemoved() {
    while let place = waiting.popLast() {
      guard case .removed(let rule) = found[Int(place)] else { continue }
      for entry in graph.entries(of: place) { remove(entry, byRule: rule) }
      for referrer in graph.about(place) { remove(referrer, byRule: rule) }
    }
  }

  private mutating func set(_ place: Int32, _ verdict: RetentionPlan.Verdict) {
    guard found[Int(place)] == nil else { return }
    found[Int(place)] = verdict
    waiting.append(place)
  }
}

extension RepositoryContents {
  /// The places of the manifests that have no tag, that no index lists, and that refer to nothing that is here.
  var untagged: [Int32] {
    var isKept = [Bool](repeating: false, count: manifests.count)
    for tag in tags { isKept[Int(tag.manifest)] = true }
    for edge in entries { isKept[Int(edge.to)] = true }
    for edge in referrers { isKept[Int(edge.to)] = true }
    return isKept.indices.filter { !isKept[$0] }.map(Int32.init)
  }
}

extension RepositoryGraph {
  /// The places of the manifests that cannot be reached from any of these.
  fileprivate func unreachable(from roots: [Int32], count: Int) -> [Int32] {
    var isReached = [Bool](repeating: false, count: count)
    var waiting: [Int32] = []
    func reach(_ place: Int32) {
      guard !isReached[Int(place)] else { return }
      isReached[Int(place)] = true
      waiting.append(place)
    }
    roots.forEach(reach)
    while let place = waiting.popLast() {
      entries(of: place).forEach(reach)
      about(place).forEach(reach)
    }
    return isReached.indices.filter { !isReached[$0] }.map(Int32.init)
  }
}
