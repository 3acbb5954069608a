import Catalog
import Foundation
import OCI
import Retention
import TestSupport
import Testing

/// What holds for every repository and every policy. `RETENTION_GRAPHS` says how many are tried.
@Suite("Plans for random repositories")
struct RetentionGraphTests {
  private static let count = ProcessInfo.processInfo.environment["RETENTION_GRAPHS"].flatMap(Int.init) ?? 500

  private func forEachPlan(_ body: (RepositoryContents, RetentionPolicy, RetentionPlan, UInt64) -> Void) {
    for seed in 0..<UInt64(Self.count) {
      var numbers = SeededNumbers(seed: seed)
      let contents = RepositoryContents.random(&numbers)
      let policy = RetentionPolicy.random(&numbers)
      body(contents, policy, RetentionPlan(policy, for: contents, at: RepositoryContents.moment), seed)
    }
  }

  @Test("keep everything that can be reached from what they keep")
  func closure() {
    forEachPlan { contents, _, plan, seed in
      let isKept = plan.manifests.map(\.isKept)
      for edge in contents.edges where isKept[Int(edge.from)] {
        #expect(isKept[Int(edge.to)], "seed \(seed): \(edge.to) is kept by \(edge.from)")
      }
      for (tag, verdict) in zip(contents.tags, plan.tags) where verdict.isKept {
        #expect(isKept[Int(tag.manifest)], "seed \(seed): the tag \(tag.tag) stays and its manifest goes")
      }
    }
  }

  @Test("keep what is held, protected or was pulled lately, and remove nothing without a rule that says so")
  func causes() {
    forEachPlan { contents, policy, plan, seed in
      let lately = RepositoryContents.moment - policy.pulledLately
      for (manifest, verdict) in zip(contents.manifests, plan.manifests) {
        if manifest.isHeld || manifest.pulledAt.map({ $0 >= lately }) ?? false {
          #expect(verdict.isKept, "seed \(seed): \(manifest.digest)")
        }
      }
      for (tag, verdict) in zip(contents.tags, plan.tags) where tag.isProtected {
        #expect(verdict.isKept, "seed \(seed)")
      }
      for verdict in plan.tags + plan.manifests {
        guard case .removed(let rule) = verdict else { continue }
        #expect(policy.rules[Int(rule)].keep != .always, "seed \(seed)")
      }
      let removed = (plan.tags + plan.manifests).count { !$0.isKept }
      #expect(!policy.rules.isEmpty || removed == 0, "seed \(seed)")
    }
  }

  @Test("remove only what hangs on nothing that stays")
  func minimality() {
    forEachPlan { contents, _, plan, seed in
      // What goes was named by a tag that goes, was without a tag itself, or hangs on something that goes.
      var reasons = Set(contents.untaggedPlaces)
      for (tag, verdict) in zip(contents.tags, plan.tags) where !verdict.isKept { reasons.insert(tag.manifest) }
      for edge in contents.edges where !plan.manifests[Int(edge.from)].isKept { reasons.insert(edge.to) }
      for place in contents.manifests.indices where !plan.manifests[place].isKept {
        #expect(reasons.contains(Int32(place)), "seed \(seed): nothing explains why \(place) goes")
      }
    }
  }

  @Test("count for each tag what deleting it alone would free, and for the whole what goes")
  func bytes() {
    forEachPlan { contents, _, plan, seed in
      let all = contents.bytes(without: nil)
      for place in contents.tags.indices where contents.aboutManifest(contents.tags[place]) == nil {
        #expect(
          plan.bytesOfTags[place] == all - contents.bytes(without: place), "seed \(seed): \(contents.tags[place].tag)")
      }
      let isKept = plan.manifests.map(\.isKept)
      #expect(
        plan.removedBytes == contents.bytes(of: isKept.map { _ in true }) - contents.bytes(of: isKept), "seed \(seed)")
    }
  }
}

/// What a plan should say, worked out in the slowest and plainest way.
extension RepositoryContents {
  fileprivate func aboutManifest(_ tag: NamedTag) -> Int32? {
    guard let held = DigestTag(tag.tag) else { return nil }
    return manifests.firstIndex { held.digests.contains($0.digest) }.map(Int32.init)
  }

  fileprivate var edges: [Edge] {
    entries + referrers + tags.compactMap { tag in aboutManifest(tag).map { Edge(from: $0, to: tag.manifest) } }
  }

  fileprivate var untaggedPlaces: [Int32] {
    let kept = Set(tags.map(\.manifest) + entries.map(\.to) + referrers.map(\.to))
    return (0..<Int32(manifests.count)).filter { !kept.contains($0) }
  }

  /// The bytes that are needed by what can be reached from the tags and from what has none.
  fileprivate func bytes(without left: Int?) -> Int64 {
    var isReached = [Bool](repeating: false, count: manifests.count)
    for place in untaggedPlaces { isReached[Int(place)] = true }
    for (place, tag) in tags.enumerated() where place != left && aboutManifest(tag) == nil {
      isReached[Int(tag.manifest)] = true
    }
    var changed = true
    while changed {
      changed = false
      for edge in edges where isReached[Int(edge.from)] && !isReached[Int(edge.to)] {
        isReached[Int(edge.to)] = true
        changed = true
      }
    }
    return bytes(of: isReached)
  }

  fileprivate func bytes(of isThere: [Bool]) -> Int64 {
    var bytes = zip(manifests, isThere).reduce(0) { $0 + ($1.1 ? $1.0.size : 0) }
    for blob in blobs where !blob.isShared && manifests(needing: blob).contains(where: { isThere[Int($0)] }) {
      bytes += blob.size
    }
    return bytes
  }
}
