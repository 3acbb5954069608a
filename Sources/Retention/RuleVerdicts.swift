internal import Catalog
internal import OCI

/// What the rules alone say of tags and of manifests without one.
struct RuleVerdicts {
  private let policy: RetentionPolicy
  private let contents: RepositoryContents
  private let now: Timestamp

  init(_ policy: RetentionPolicy, _ contents: RepositoryContents, at now: Timestamp) {
    self.policy = policy
    self.contents = contents
    self.now = now
  }

  /// The verdict on each tag; nil for those that are about another manifest, with which they stay or go.
  func ofTags(leavingOut subjects: [Int32?]) -> [RetentionPlan.Verdict?] {
    var verdicts = [RetentionPlan.Verdict?](repeating: nil, count: contents.tags.count)
    var undecided = contents.tags.indices.filter { subjects[$0] == nil }
    for (rule, number) in zip(policy.rules, Int32(0)...) {
      guard case .tags(let patterns) = rule.subject else { continue }
      var fitting: [Candidate] = []
      undecided.removeAll { place in
        let tag = contents.tags[place]
        guard patterns.matches(tag.tag) else { return false }
        let manifest = contents.manifests[Int(tag.manifest)]
        let version = rule.ordersByVersion ? TagVersion(tag.tag.value) : nil
        guard !rule.ordersByVersion || version != nil else { return false }
        fitting.append(
          Candidate(
            place: place, pushedAt: max(tag.beganAt, manifest.pushedAt),
            pulledAt: manifest.pulledAt, version: version))
        return true
      }
      for (place, isKept) in judge(fitting, by: rule.keep) {
        verdicts[place] = isKept ? .kept(.rule(number)) : .removed(byRule: number)
      }
    }
    for place in undecided { verdicts[place] = .kept(.noRule) }
    return verdicts
  }

  /// The verdict on each of these manifests.
  func ofUntagged(_ places: [Int32]) -> [(place: Int32, verdict: RetentionPlan.Verdict)] {
    guard let number = policy.rules.firstIndex(where: { $0.subject == .untagged }) else {
      return places.map { ($0, .kept(.noRule)) }
    }
    let candidates = places.map { place in
      let manifest = contents.manifests[Int(place)]
      return Candidate(
        place: Int(place), pushedAt: manifest.pushedAt, pulledAt: manifest.pulledAt, version: nil)
    }
    return judge(candidates, by: policy.rules[number].keep).map { place, isKept in
      (Int32(place), isKept ? .kept(.rule(Int32(number))) : .removed(byRule: Int32(number)))
    }
  }

  private struct Candidate {
    /// Tags are in the order of their names, and manifests in that in which they first came.
    let place: Int
    let pushedAt: Timestamp
    let pulledAt: Timestamp?
    let version: TagVersion?
  }

  private func judge(_ candidates: [Candidate], by keep: RetentionRule.Keep) -> [(place: Int, isKept: Bool)] {
    switch keep {
    case .always: return candidates.map { ($0.place, true) }
    case .never: return candidates.map { ($0.place, false) }
    case .whatFulfils(let conditions):
      let sorted = conditions.newest == nil ? candidates : candidates.sorted { Self.isNewer($0, $1, conditions.order) }
      let pushedAfter = conditions.pushedWithin.map { now - $0 }
      let pulledAfter = conditions.pulledWithin.map { now - $0 }
      return zip(sorted, 0...).map { candidate, rank in
        var isKept = rank < conditions.newest ?? 0
        if let pushedAfter { isKept = isKept || candidate.pushedAt >= pushedAfter }
        if let pulledAfter, let pulledAt = candidate.pulledAt { isKept = isKept || pulledAt >= pulledAfter }
        return (candidate.place, isKept)
      }
    }
  }

  /// A total order, so that the same contents always give the same plan.
  private static func isNewer(_ left: Candidate, _ right: Candidate, _ order: KeepConditions.Order) -> Bool {
    switch order {
    case .semver:
      if let one = left.version, let other = right.version, one < other || other < one { return other < one }
    case .pull:
      let (one, other) = (left.pulledAt?.milliseconds ?? .min, right.pulledAt?.milliseconds ?? .min)
      if one != other { return one > other }
    case .push: break
    }
    if left.pushedAt != right.pushedAt { return left.pushedAt > right.pushedAt }
    return left.place > right.place
  }
}

extension RetentionRule {
  fileprivate var ordersByVersion: Bool {
    if case .whatFulfils(let conditions) = keep {
      conditions.newest != nil && conditions.order == .semver
    } else {
      false
    }
  }
}
