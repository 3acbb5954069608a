import Catalog
import OCI
import Retention

/// What a plan says of one repository, as lines of JSON: the repository, what goes and, if that is asked for, what stays,
/// and in the end how much goes.
struct RetentionPlanLines {
  private let planned: PlannedRepository
  private let showsAll: Bool
  /// The names of the rules, as JSON.
  private let rules: [String]

  init(_ planned: PlannedRepository, showsAll: Bool) {
    self.planned = planned
    self.showsAll = showsAll
    rules = planned.policy.rules.map { JSONText.string($0.name) }
  }

  private var contents: RepositoryContents { planned.contents }
  private var plan: RetentionPlan { planned.plan }

  func write(to lines: JSONLines) async throws {
    try await lines.write([("repository", JSONText.string(planned.name.value))])
    try await writeTags(to: lines)
    try await writeManifests(to: lines)
    try await writeBlobs(to: lines)
    let totals = planned.totals
    try await lines.write([
      ("repository", JSONText.string(planned.name.value)), ("tags", String(totals.tags)),
      ("manifests", String(totals.manifests)), ("blobs", String(totals.blobs)), ("bytes", String(totals.bytes)),
      ("keptTags", String(contents.tags.count - totals.tags)),
      ("keptManifests", String(contents.manifests.count - totals.manifests)),
    ])
  }

  private func writeTags(to lines: JSONLines) async throws {
    for (place, tag) in contents.tags.enumerated() where showsAll || !plan.tags[place].isKept {
      lines.add { line in
        line.add("tag", plain: tag.tag.value)
        line.add("digest", plain: digest(tag.manifest))
        line.add("bytes", String(plan.bytesOfTags[place]))
        add(plan.tags[place], to: &line)
      }
      try await lines.flushFull()
    }
  }

  private func writeManifests(to lines: JSONLines) async throws {
    for place in contents.manifests.indices where showsAll || !plan.manifests[place].isKept {
      lines.add { line in
        line.add("manifest", plain: digest(Int32(place)))
        line.add("bytes", String(plan.bytesOfManifests[place]))
        add(plan.manifests[place], to: &line)
      }
      try await lines.flushFull()
    }
  }

  /// A blob stays with the first manifest that needs it and stays, and goes with the first that needed it.
  private func writeBlobs(to lines: JSONLines) async throws {
    for place in showsAll ? Array(0..<Int32(contents.blobs.count)) : plan.removedBlobs {
      let blob = contents.blobs[Int(place)]
      let manifests = contents.manifests(needing: blob)
      guard let first = manifests.first else { continue }
      lines.add { line in
        line.add("blob", plain: blob.digest.description)
        line.add("bytes", String(blob.isShared ? 0 : blob.size))
        if let keeper = manifests.first(where: { plan.manifests[Int($0)].isKept }) {
          line.add("kept", plain: "manifest")
          line.add("by", plain: digest(keeper))
        } else {
          add(plan.manifests[Int(first)], to: &line)
        }
      }
      try await lines.flushFull()
    }
  }

  /// What the plan says of a manifest, as an object of JSON; nil where the repository has none of that digest.
  func verdict(on digest: Digest) -> String? {
    contents.manifests.firstIndex { $0.digest == digest }.map { place in
      JSONLine.object { add(plan.manifests[place], to: &$0) }
    }
  }

  private func digest(_ manifest: Int32) -> String { contents.manifests[Int(manifest)].digest.description }

  private func add(_ verdict: RetentionPlan.Verdict, to line: inout JSONLine) {
    switch verdict {
    case .removed(let rule): line.add("removedBy", rules[Int(rule)])
    case .kept(let cause): add(cause, to: &line)
    }
  }

  private func add(_ cause: RetentionPlan.Cause, to line: inout JSONLine) {
    switch cause {
    case .rule(let rule):
      line.add("kept", plain: "rule")
      line.add("by", rules[Int(rule)])
    case .noRule: line.add("kept", plain: "no rule")
    case .protected: line.add("kept", plain: "protected")
    case .pulledLately: line.add("kept", plain: "pulled lately")
    case .tag(let tag):
      line.add("kept", plain: "tag")
      line.add("by", plain: contents.tags[Int(tag)].tag.value)
    case .entry(let index):
      line.add("kept", plain: "index")
      line.add("by", plain: digest(index))
    case .about(let subject):
      line.add("kept", plain: "subject")
      line.add("by", plain: digest(subject))
    }
  }
}
