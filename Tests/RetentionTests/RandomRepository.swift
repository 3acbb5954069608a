import Catalog
import OCI
import Retention
import TestSupport

/// A repository of a real catalogue with a random graph in it, as clients would push it.
struct RandomRepository: Sendable {
  let scenario: CatalogScenario
  let seed: UInt64
  /// Everything that was pushed, each after what it names.
  private(set) var manifests: [Manifest] = []
  /// Whether tags that hold digests were set: they may close circles.
  private(set) var hasDigestTags = false
  /// What somebody holds.
  private(set) var held: Manifest?
  private var numbers: SeededNumbers

  init(_ catalog: any Catalog, seed: UInt64) {
    scenario = CatalogScenario(catalog, repository: .named("graphs/g\(seed)"))
    self.seed = seed
    numbers = SeededNumbers(seed: seed)
  }

  var name: RepositoryName { scenario.repository }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < percent }

  private mutating func anyManifest() -> Manifest? { manifests.randomElement(using: &numbers) }

  /// Pushes images, indexes of images and indexes, referrers of all of these, and sets tags; some were pulled, one is
  /// held, and a rule keeps releases.
  mutating func fill() async throws {
    for _ in 0..<Int.random(in: 1...14, using: &numbers) { try await push() }
    for number in 0..<Int.random(in: 0...10, using: &numbers) { try await tag(number) }
    var pulls: [ManifestPulls] = []
    for manifest in manifests where chance(30) {
      pulls.append(
        ManifestPulls(
          manifest: RepositoryDigest(repository: name, digest: manifest.digest),
          last: .now - .seconds(Int.random(in: 1...60, using: &numbers) * 86_400), downloads: 1))
    }
    try await scenario.catalog.recordPulls(pulls)
    if chance(20), let manifest = anyManifest(), case .held = try await scenario.hold(manifest) { held = manifest }
    if chance(20) { try await scenario.protect(["v*"], of: name.value, named: "g\(seed)") }
  }

  /// Pushes one manifest that no other is like.
  mutating func push() async throws {
    let own = "\(seed)/\(manifests.count)"
    let shared = "shared/\(Int.random(in: 0..<5, using: &numbers))"
    let manifest: Manifest
    if chance(35), !manifests.isEmpty {
      var entries: [Digest: Manifest] = [:]
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        if let entry = anyManifest() { entries[entry.digest] = entry }
      }
      manifest = .index(entries.values.sorted { $0.digest < $1.digest }, blobs: [own])
    } else {
      manifest = .image([own, shared], subject: chance(30) ? anyManifest() : nil)
    }
    for blob in [own, shared] { try await scenario.pushBlob(blob) }
    let isStored = try await scenario.commit(manifest) == .stored
    // A change in between may have taken what it names.
    if isStored { manifests.append(manifest) }
  }

  /// Sets a tag: a version, a build, or one that holds a digest.
  mutating func tag(_ number: Int) async throws {
    guard let manifest = anyManifest(), let about = anyManifest()?.digest else { return }
    let name: String
    switch Int.random(in: 0..<6, using: &numbers) {
    case 0: name = "v1.\(number).0"
    case 1, 2: name = "main-\(number)"
    case 3: name = "latest"
    case 4: name = "sha256-\(about.hex)"
    default: name = "sha256-\(about.hex).sig"
    }
    guard try await scenario.commit(manifest, tags: [name]) == .stored else { return }
    if name.hasPrefix("sha256-") { hasDigestTags = true }
  }

  /// Does what clients do while somebody looks at a plan.
  ///
  /// - Returns: whether anything was done.
  mutating func change() async throws -> Bool {
    guard chance(50) else { return false }
    for number in 20..<22 {
      switch Int.random(in: 0..<4, using: &numbers) {
      case 0: try await push()
      case 1: try await tag(number)
      case 2:
        guard let manifest = anyManifest() else { break }
        try await scenario.catalog.recordPulls([
          ManifestPulls(
            manifest: RepositoryDigest(repository: name, digest: manifest.digest), last: .now, downloads: 1)
        ])
      default:
        guard let manifest = anyManifest() else { break }
        _ = try await scenario.refusal { try await scenario.delete(manifest) }
      }
    }
    return true
  }

  /// A policy in which every kind of rule comes up.
  mutating func policy() -> String {
    func keep(_ choices: [String], _ numbers: inout SeededNumbers) -> String { choices.randomElement(using: &numbers)! }
    let conditions = ["always", "never", "{newest: 1}", "{newest: 2}", "{pulled-within: 20d}", "{newest: 1, by: pull}"]
    var rules: [String] = []
    if chance(70) {
      rules.append("{name: releases, tags: 'v*', keep: \(keep(conditions + ["{newest: 1, by: semver}"], &numbers))}")
    }
    if chance(70) { rules.append("{name: builds, tags: 'main-*', keep: \(keep(conditions, &numbers))}") }
    if chance(40) { rules.append("{name: rest, tags: '*', keep: \(keep(conditions, &numbers))}") }
    if chance(80) { rules.append("{name: untagged, untagged: true, keep: \(keep(conditions, &numbers))}") }
    rules.shuffle(using: &numbers)
    return "rules: [\(rules.joined(separator: ", "))]\npulled-lately: \(chance(50) ? "1s" : "10d")"
  }
}
