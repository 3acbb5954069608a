internal import Catalog

extension RetentionRemovals {
  /// Puts what goes in an order in which each thing goes after what keeps it: indexes before their entries, subjects
  /// before what refers to them, tags before what they name, and tags that are about a manifest after that.
  ///
  /// Where tags close a circle, what is in it stands last, and is left alone when its turn comes.
  init(
    _ contents: RepositoryContents, _ graph: RepositoryGraph, tags: [RetentionPlan.Verdict],
    manifests: [RetentionPlan.Verdict]
  ) {
    let levels = Self.levels(graph, manifests)
    let last = (levels.max() ?? -1) + 1
    var steps = [(tags: [Item], manifests: [Item])](repeating: ([], []), count: Int(last) + 2)
    for (place, verdict) in tags.enumerated() {
      guard case .removed(let rule) = verdict else { continue }
      var level: Int32 = 0
      if let subject = graph.subjects[place], levels[Int(subject)] >= 0 {
        level = levels[Int(subject)] + 1
      } else if graph.subjects[place] != nil {
        level = last
      }
      steps[Int(level)].tags.append(Item(row: contents.tags[place].id, rule: rule))
    }
    for (place, verdict) in manifests.enumerated() {
      guard case .removed(let rule) = verdict else { continue }
      let level = levels[place] >= 0 ? levels[place] : last
      steps[Int(level)].manifests.append(Item(row: contents.manifests[place].id, rule: rule))
    }
    self.init(steps.flatMap { [Step(.tags, $0.tags), Step(.manifests, $0.manifests)] })
  }

  /// For each manifest that goes how many others have to go one after the other before it; -1 for those in a circle and
  /// for those that stay.
  private static func levels(_ graph: RepositoryGraph, _ verdicts: [RetentionPlan.Verdict]) -> [Int32] {
    var keepers = [Int32](repeating: 0, count: verdicts.count)
    for place in verdicts.indices where !verdicts[place].isKept {
      for kept in graph.entries(of: Int32(place)) { keepers[Int(kept)] += 1 }
      for kept in graph.about(Int32(place)) { keepers[Int(kept)] += 1 }
    }
    var levels = [Int32](repeating: -1, count: verdicts.count)
    var waiting = verdicts.indices.filter { !verdicts[$0].isKept && keepers[$0] == 0 }.map(Int32.init)
    var level: Int32 = 0
    while !waiting.isEmpty {
      var next: [Int32] = []
      for place in waiting {
        levels[Int(place)] = level
        for kept in [graph.entries(of: place), graph.about(place)].joined() {
          keepers[Int(kept)] -= 1
          if keepers[Int(kept)] == 0, !verdicts[Int(kept)].isKept { next.append(kept) }
        }
      }
      waiting = next
      level += 1
    }
    return levels
  }
}
