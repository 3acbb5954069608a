internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let protectedGraphs: [CatalogSuite] = [
    CatalogSuite("whatever hangs on what, all that is held or had a protected tag outlasts deletes and collections") {
      scenario in
      try await scenario.protect(["prod"], of: "graph", .digests)
      for seed in 1...25 {
        var graph = try await ProtectedGraph(in: scenario.inside("graph/g\(seed)"), seed: UInt64(seed))
        try await graph.deleteEverything()
        try await graph.scenario.collect(untaggedSince: .farFuture, limit: 5)
        for manifest in graph.kept {
          #expect(try await graph.scenario.has(manifest), "graph \(seed)")
          for blob in graph.blobs(of: manifest) {
            #expect(try await graph.scenario.hasBlob(blob), "graph \(seed)")
          }
        }
        try await graph.releaseEverything()
      }
      try await scenario.unprotect()
      try await scenario.collect(untaggedSince: Timestamp(milliseconds: 1 << 51), limit: 50)
      #expect(try await scenario.catalog.totals().blobs == 0, "nothing keeps anything any more")
    }
  ]
}

/// Images, indexes and referrers that hang on each other by chance, some of them held or tagged.
private struct ProtectedGraph {
  let scenario: CatalogScenario
  private var random: UInt64
  private var nodes: [Node] = []
  private var roots: Set<Int> = []

  private struct Node {
    let manifest: Manifest
    let blobs: [String]
    /// Nodes that it lists.
    let entries: [Int]
    /// The node that it refers to.
    let subject: Int?
  }

  init(in scenario: CatalogScenario, seed: UInt64) async throws {
    self.scenario = scenario
    random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    for number in 0..<14 {
      nodes.append(try await push(number, seed))
      if number.isMultiple(of: 3) { try await scenario.commit(nodes[number].manifest, tags: ["t\(next(4))"]) }
      if next(5) == 0 {
        try await scenario.commit(nodes[number].manifest, tags: ["prod"])
        roots.insert(number)
      }
    }
    for _ in 0..<2 {
      let number = next(nodes.count)
      try await scenario.hold(nodes[number].manifest)
      roots.insert(number)
    }
  }

  private mutating func push(_ number: Int, _ seed: UInt64) async throws -> Node {
    if number > 1, next(3) == 0 {
      let entries = Array(Set((0...next(3)).map { _ in next(number) })).sorted()
      let index = Manifest.index(entries.map { nodes[$0].manifest }, blobs: ["cache \(seed) \(number)"])
      try await scenario.pushBlob("cache \(seed) \(number)")
      try await scenario.commit(index)
      return Node(manifest: index, blobs: ["cache \(seed) \(number)"], entries: entries, subject: nil)
    }
    let blobs = ["own \(seed) \(number)", "shared \(next(4))"]
    let subject = number > 0 && next(2) == 0 ? next(number) : nil
    let image = try await scenario.pushImage(blobs, subject: subject.map { nodes[$0].manifest })
    return Node(manifest: image, blobs: blobs, entries: [], subject: subject)
  }

  /// The roots with all that they list, and all that refers to any of it.
  var kept: [Manifest] {
    var reached = roots
    while true {
      let more = nodes.indices.filter { number in
        !reached.contains(number)
          && (nodes[number].subject.map(reached.contains) == true
            || reached.contains { nodes[$0].entries.contains(number) })
      }
      if more.isEmpty { return reached.map { nodes[$0].manifest } }
      reached.formUnion(more)
    }
  }

  func blobs(of manifest: Manifest) -> [String] {
    nodes.first { $0.manifest.digest == manifest.digest }?.blobs ?? []
  }

  /// Tries to, from the newest to the oldest; what is refused stays.
  mutating func deleteEverything() async throws {
    for node in nodes.reversed() where next(4) > 0 {
      _ = try await scenario.refusal { try await scenario.delete(node.manifest) }
    }
  }

  func releaseEverything() async throws {
    for tag in try await scenario.catalog.tags(in: scenario.repository, after: nil, limit: 100) ?? [] {
      _ = try await scenario.catalog.deleteTag(tag, in: scenario.repository, by: .somebody)
    }
    for number in roots { try await scenario.release(nodes[number].manifest) }
  }

  private mutating func next(_ bound: Int) -> Int {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Int(random % UInt64(bound))
  }
}
