import Catalog
import OCI
import Retention
import TestSupport

extension RepositoryContents {
  static let moment = Timestamp(milliseconds: 1_800_000_000_000)

  /// A repository with images, indexes of indexes, shared children, referrers of referrers, tags that hold digests, holds
  /// and protected tags.
  static func random(_ numbers: inout SeededNumbers) -> RepositoryContents {
    var contents = RepositoryContents()
    let count = Int.random(in: 1...40, using: &numbers)
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < percent }
    func age() -> Timestamp { moment - .seconds(Int.random(in: 0..<60, using: &numbers) * 86_400) }
    for place in 0..<count {
      contents.manifests.append(
        Manifest(
          id: Int64(place) * 3 + 7,
          digest: Digest.of(Array("\(place)".utf8), algorithm: place.isMultiple(of: 5) ? .sha512 : .sha256),
          size: Int64.random(in: 1...1000, using: &numbers), pushedAt: age(), pulledAt: chance(30) ? age() : nil,
          isHeld: chance(4)))
      // What a manifest names was there before it, as with real digests.
      guard place > 0 else { continue }
      var named: Set<Int32> = []
      if chance(35) {
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
          named.insert(Int32.random(in: 0..<Int32(place), using: &numbers))
        }
      }
      contents.entries += named.sorted().map { Edge(from: Int32(place), to: $0) }
      if chance(20) {
        contents.referrers.append(Edge(from: Int32.random(in: 0..<Int32(place), using: &numbers), to: Int32(place)))
      }
    }
    var tags: [String: NamedTag] = [:]
    for number in 0..<Int.random(in: 0...30, using: &numbers) {
      let about = contents.manifests[Int.random(in: 0..<count, using: &numbers)].digest
      let name =
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: "v1.\(number).0"
        case 1: "main-\(number)"
        case 2: "pr-\(number)"
        case 3: "latest"
        case 4: Tag(referrersOf: about).value
        default: "\(Tag(referrersOf: about)).sig"
        }
      tags[name] = NamedTag(
        id: Int64(number) + 1, tag: try! Tag(parsing: name),
        manifest: Int32.random(in: 0..<Int32(count), using: &numbers), beganAt: age(), isProtected: chance(5))
    }
    contents.tags = tags.values.sorted { $0.tag.value < $1.tag.value }
    for number in 0..<Int.random(in: 0...40, using: &numbers) {
      var needing: Set<Int32> = []
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        needing.insert(Int32.random(in: 0..<Int32(count), using: &numbers))
      }
      let start = Int32(contents.blobManifests.count)
      contents.blobManifests += needing.sorted()
      contents.blobs.append(
        Blob(
          digest: Digest.of(Array("blob \(number)".utf8)), size: Int64.random(in: 1...10_000, using: &numbers),
          isShared: chance(10), manifests: start..<Int32(contents.blobManifests.count)))
    }
    return contents
  }
}

extension RetentionPolicy {
  static func random(_ numbers: inout SeededNumbers) -> RetentionPolicy {
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < percent }
    func days() -> Duration { .seconds(Int.random(in: 1...60, using: &numbers) * 86_400) }
    func keep(_ orders: [KeepConditions.Order]) -> RetentionRule.Keep {
      if chance(20) { return .always }
      if chance(30) { return .never }
      var conditions = KeepConditions()
      if chance(60) { conditions.newest = Int.random(in: 1...5, using: &numbers) }
      conditions.order = orders.randomElement(using: &numbers)!
      if chance(40) { conditions.pushedWithin = days() }
      if chance(40) { conditions.pulledWithin = days() }
      return .whatFulfils(conditions)
    }
    var rules: [RetentionRule] = []
    for pattern in ["v*", "main-*", "pr-*", "*"] where chance(60) {
      rules.append(
        RetentionRule(
          name: pattern, subject: .tags(try! TagPatterns(parsing: [pattern])), keep: keep(KeepConditions.Order.allCases)
        ))
    }
    if chance(70) { rules.append(RetentionRule(name: "untagged", subject: .untagged, keep: keep([.push, .pull]))) }
    return RetentionPolicy(rules: rules.shuffled(using: &numbers), pulledLately: days())
  }
}
